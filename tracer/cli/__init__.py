"""The `bytefig` command. Needs the extra ``cli``; nothing else of the package imports this."""
