"""The interpreter: frames, opcodes, tracebacks and the native tier."""
