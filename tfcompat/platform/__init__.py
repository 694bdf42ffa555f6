"""What a TF program uses around its graph: flags, logging, files, test cases."""
