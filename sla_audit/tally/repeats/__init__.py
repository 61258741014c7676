"""Requests that come too soon after errors of the same caller: what a count cannot tell, since it has no order."""
