"""The part of `bytefig` for test tools: it stands beside both halves and imports neither."""
