"""What rows of text say, wherever they come from: conditions on their columns, and the keys by which they meet."""

from etl.rows.conditions import Answer, Asked, Mask, answer, ask, ask_rows, gather

__all__ = ["Answer", "Asked", "Mask", "answer", "ask", "ask_rows", "gather"]
