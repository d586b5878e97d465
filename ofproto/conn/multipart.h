/* SPDX-License-Identifier: ISC */
/* Multipart requests whose last part has not come (handle_multipart.c). */
#ifndef OFPROTO_CONN_MULTIPART_H
#define OFPROTO_CONN_MULTIPART_H

struct conn;

/* Refuses those that wait for too long (ONF experimenter error 2640). */
void multipart_expire(struct conn *);
void multipart_forget_all(struct conn *);

#endif
