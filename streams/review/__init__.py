"""What targets say of stored history: which would have been met, by the rules of today or by others."""
