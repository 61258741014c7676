"""Text that is another in each row, read many rows at once by arithmetic on its bytes."""
