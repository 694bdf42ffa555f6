"""Public names of `tf.quantization.experimental`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr

__all__ = []

LAZY = {
    "QuantizationComponentSpec": "tfcompat.framework.protos:QuantizationComponentSpec",
    "QuantizationMethod": "tfcompat.framework.protos:QuantizationMethod",
    "QuantizationOptions": "tfcompat.framework.protos:QuantizationOptions",
    "UnitWiseQuantizationSpec": "tfcompat.framework.protos:UnitWiseQuantizationSpec",
}
__getattr__ = _namespace_getattr("tf.quantization.experimental", LAZY)
