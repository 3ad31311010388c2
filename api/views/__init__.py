"""Views: what leaves the system, one allow-list per audience, and the bodies that come in."""
