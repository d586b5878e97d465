/* SPDX-License-Identifier: ISC */
/* Changes of flows and groups, from the command line or from the lines of a file. */
#ifndef UTILITIES_OFCTL_CHANGES_H
#define UTILITIES_OFCTL_CHANGES_H

#include "batch.h"

/* Reads one change and appends its message to the batch.  'command' is what the parser of its kind takes, 'where' "FILE:LINE: " or "",
 * 'line' 0 on the command line.  False: reported. */
typedef bool change_fn(struct ofctl *, struct batch *, const char *text, int command, const char *where, unsigned line);
change_fn change_flow, change_group;

/* Reads all lines of a file ("-": standard input) into the batch, whose errors will name them.  False: reported. */
bool changes_read(struct ofctl *, struct batch *, const char *file, int command, change_fn *);
/* Connects, reads 'text', which is a change or with 'is_file' (and for "-" always) a file of them, and sends all, with --bundle within
 * one.  'names' is as for learn_names.  The exit status. */
int changes_make(struct ofctl *, const char *target, const char *text, int command, bool is_file, const char *names, change_fn *);

#endif
