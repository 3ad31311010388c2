"""Consortia before the bid: who lets whom lead him in a tender."""
