"""The official papers of cases, one module a paper, and the circular's draft text. Their texts are masked."""

from assessment.documents.circular import circular_text, decision_of, withdrawal_text

__all__ = ["circular_text", "decision_of", "withdrawal_text"]
