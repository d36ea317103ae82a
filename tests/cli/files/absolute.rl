use "/etc/passwd"
