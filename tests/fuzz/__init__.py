"""Bytes that nobody meant: every reader answers them with a frame or with one message."""
