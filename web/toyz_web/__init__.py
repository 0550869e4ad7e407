"""The server: Tornado, who is asking, where the request goes, and the database.

It never opens a user's file, never decodes a pixel and never blocks its loop.
"""
