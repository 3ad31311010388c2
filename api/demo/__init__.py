"""The demonstration: an ordinary HTTP client plays the whole story against real processes."""
