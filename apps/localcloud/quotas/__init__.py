"""Service Quotas: what an account may have, and whether one more is still allowed."""
