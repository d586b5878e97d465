/* SPDX-License-Identifier: ISC */
/* The bundles that a connection has open (EXT-230): messages kept until they are committed together or forgotten. */
#ifndef OFPROTO_CONN_BUNDLE_H
#define OFPROTO_CONN_BUNDLE_H

struct conn;

/* Forgets those that nobody has touched for ten seconds, and says so: OFPBFC_TIMEOUT. */
void bundles_expire(struct conn *);
/* Forgets all, in silence. */
void bundles_forget(struct conn *);

#endif
