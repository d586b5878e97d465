/* SPDX-License-Identifier: ISC */
/* Internet checksums and CRC32c. */
#ifndef DATAPATH_AF_PACKET_CHECKSUM_H
#define DATAPATH_AF_PACKET_CHECKSUM_H

#include "exec.h"

#endif
