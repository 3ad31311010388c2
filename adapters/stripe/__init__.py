"""Stripe: the real gateway on the official SDK, and a local stand-in that keeps Stripe's rules."""
