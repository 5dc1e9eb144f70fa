"""Type hints of arguments, and values checked against them."""
