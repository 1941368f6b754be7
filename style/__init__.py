"""One visual language: colours, page frame, charts, tables and workbooks of all that is read.

It knows no room and is known to all that show something: releases, catalogue, the site's report.
"""
