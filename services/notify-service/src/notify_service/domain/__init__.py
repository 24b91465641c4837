"""Who is told what, in which words, and what may become of a message; pure, without clock, ids or I/O."""
