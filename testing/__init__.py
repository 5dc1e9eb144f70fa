"""What `bytefig` adds to tools that test: it stands beside both halves and imports neither."""
