"""The official papers of violations, one module a paper, and the circular's draft text. What they say is masked."""

from assessment.documents.circular import circular_text, decision_of, withdrawal_text

__all__ = ["circular_text", "decision_of", "withdrawal_text"]
