"""Scaffolding: what a cluster needs on AWS before its first push, made in one go, and taken away again."""
