/* SPDX-License-Identifier: ISC */
/* Text of MAC, IPv4 and IPv6 addresses. */
#include "addr.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
mac_parse(const char *s, uint8_t mac[6])
{
	uint8_t out[6];

	for (size_t i = 0; i < 6; i++) {
		int v = hex_digit(*s);

		if (v < 0)
			return false;
		s++;
		if (hex_digit(*s) >= 0)
			v = v * 16 + hex_digit(*s++);
		if (*s != (i < 5 ? ':' : '\0'))
			return false;
		s++;
		out[i] = (uint8_t)v;
	}
	memcpy(mac, out, 6);
	return true;
}

char *
mac_format(const uint8_t m[6], char buf[MAC_STR_LEN])
{
	static const char digits[] = "0123456789abcdef";

	for (unsigned i = 0; i < 6; i++) {
		buf[3 * i] = digits[m[i] >> 4];
		buf[3 * i + 1] = digits[m[i] & 15];
		buf[3 * i + 2] = ':';
	}
	buf[MAC_STR_LEN - 1] = '\0';
	return buf;
}

bool
ipv4_parse(const char *s, uint8_t addr[4])
{
	uint8_t tmp[4];

	if (inet_pton(AF_INET, s, tmp) != 1)
		return false;
	memcpy(addr, tmp, 4);
	return true;
}

bool
ipv6_parse(const char *s, uint8_t addr[16])
{
	uint8_t tmp[16];

	if (inet_pton(AF_INET6, s, tmp) != 1)
		return false;
	memcpy(addr, tmp, 16);
	return true;
}

char *
ipv4_format(const uint8_t addr[4], char buf[16])
{
	char *p = buf;

	for (unsigned i = 0; i < 4; i++) {
		if (addr[i] >= 100)
			*p++ = (char)('0' + addr[i] / 100);
		if (addr[i] >= 10)
			*p++ = (char)('0' + addr[i] / 10 % 10);
		*p++ = (char)('0' + addr[i] % 10);
		*p++ = '.';
	}
	p[-1] = '\0';
	return buf;
}

char *
ipv6_format(const uint8_t addr[16], char buf[IPV6_STR_LEN])
{
	inet_ntop(AF_INET6, addr, buf, IPV6_STR_LEN);
	return buf;
}

int
mask_prefix_len(const uint8_t *mask, size_t n)
{
	unsigned bits = 0;

	while (bits < n * 8 && (mask[bits / 8] & (0x80u >> bits % 8)))
		bits++;
	for (unsigned i = bits; i < n * 8; i++) {
		if (mask[i / 8] & (0x80u >> i % 8))
			return -1;
	}
	return (int)bits;
}

void
mask_from_prefix(unsigned bits, uint8_t *mask, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned left = bits > i * 8 ? bits - (unsigned)i * 8 : 0;

		mask[i] = (uint8_t)(left >= 8 ? 0xffu : 0xff00u >> left);
	}
}
