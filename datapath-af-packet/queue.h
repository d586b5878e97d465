/* SPDX-License-Identifier: ISC */
/* The queues of a port: a transmit socket for each queue and reader, and the kernel's HTB behind them.  Control thread only. */
#ifndef DATAPATH_AF_PACKET_QUEUE_H
#define DATAPATH_AF_PACKET_QUEUE_H

#include "datapath.h"

struct port;

/* With the interface: sockets and scheduler.  A scheduler that can't be had is said, and the port has no queues. */
void queue_attach(struct port *);
/* Before the interface is let go; 'there': it still exists. */
void queue_detach(struct port *, bool there);
void queue_free(struct port *);

/* htb.c: classes below a root of 'port_kbps'; on failure nothing is left, and 'why' is a sentence. */
int htb_install(const char *name, int ifindex, const struct dp_queue *, size_t n, uint64_t port_kbps, char *why,
                size_t why_size);
void htb_remove(int ifindex);
/* SO_PRIORITY of the queue at this place of the array. */
uint32_t htb_class(unsigned index);

#endif
