"""Server-rendered pages: the sandbox phone and the desk of operations."""
