"""Lists come in pages by cursor: stable while rows are added, and as quick on page 1,000 as on page 1."""

from rest_framework import pagination


class CursorPagination(pagination.CursorPagination):
    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
