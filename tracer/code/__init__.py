"""Read code objects, without running them."""
