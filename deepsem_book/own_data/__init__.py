"""What a reader's own data need: which network to read out, and whether to believe it."""
