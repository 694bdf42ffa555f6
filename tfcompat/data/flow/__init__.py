"""What a dataset is while it runs: flows (immutable descriptions) and the elements that come out of them."""
