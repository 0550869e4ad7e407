"""What the server remembers: logins, settings and jobs, in one SQLite file."""
