"""GRN inference on BEELINE."""
