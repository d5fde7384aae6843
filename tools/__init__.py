"""What builds the course, and what a teacher runs. Each of them that reads notebooks starts two seconds sooner so."""

from workbench.notebooks import schemas as schemas
