#include "net/preamble.h"

#include <arpa/inet.h>
#include <glib.h>
#include <stddef.h>
#include <string.h>

/* Of version 1, with its end; "The PROXY protocol", 2.1. */
#define LINE_MAX_SIZE ((size_t)107)

/* Of version 2: signature, version and command, family, length. */
#define FIXED_SIZE ((size_t)16)
#define UNIX_SIZE ((size_t)108)

#define TYPE_CRC32C 0x03

static const unsigned char signature[12] = { 0x0d, 0x0a, 0x0d, 0x0a, 0x00,
	0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a };

static enum ms_status
wrong(struct ms_error *err, const char *why)
{
	return ms_error_set(err, MS_E_FORMAT, "PROXY protocol: %s", why);
}

static void
set_in(struct ms_endpoint *endpoint, const void *address, uint16_t net_port)
{
	memset(endpoint, 0, sizeof *endpoint);
	endpoint->size = sizeof endpoint->u.in;
	endpoint->u.in.sin_family = AF_INET;
	endpoint->u.in.sin_port = net_port;
	memcpy(&endpoint->u.in.sin_addr, address, 4);
}

/* IPv4 written as IPv6 becomes IPv4, as networks are compared so. */
static void
set_in6(struct ms_endpoint *endpoint, const void *address, uint16_t net_port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = net_port };

	memcpy(&in6.sin6_addr, address, 16);
	ms_endpoint_take(endpoint, (const struct sockaddr *)&in6, sizeof in6);
}

/*
 * Version 1
 */

/* Decimal, without a sign or zeros before it. */
static bool
read_port(const char *text, uint16_t *port)
{
	guint64 value = 0;

	if ((text[0] == '0' && text[1] != '\0') ||
	    !g_ascii_string_to_unsigned(text, 10, 0, 65535, &value, NULL))
		return false;
	*port = htons((uint16_t)value);
	return true;
}

static bool
read_end(const char *host, const char *port, int family,
    struct ms_endpoint *endpoint)
{
	unsigned char address[16];
	uint16_t net_port;

	if (!read_port(port, &net_port) ||
	    inet_pton(family, host, address) != 1)
		return false;
	if (family == AF_INET)
		set_in(endpoint, address, net_port);
	else
		set_in6(endpoint, address, net_port);
	return true;
}

/* The words behind PROXY. */
static bool
read_words(const char *line, struct ms_preamble *preamble)
{
	char **words = g_strsplit(line, " ", 7);
	const int family = g_strcmp0(words[0], "TCP6") == 0 ? AF_INET6 :
	    AF_INET;
	bool good;

	if (g_strcmp0(words[0], "UNKNOWN") == 0)
		good = true;
	else
		good = preamble->named = g_strv_length(words) == 5 &&
		    (family == AF_INET6 || strcmp(words[0], "TCP4") == 0) &&
		    read_end(words[1], words[3], family, &preamble->from) &&
		    read_end(words[2], words[4], family, &preamble->to);
	g_strfreev(words);
	return good;
}

static enum ms_status
read_line(const unsigned char *data, size_t size, size_t *used,
    struct ms_preamble *preamble, struct ms_error *err)
{
	static const char start[] = "PROXY ";
	const size_t start_size = sizeof start - 1;
	const unsigned char *cr = memchr(data, '\r', MIN(size,
	    LINE_MAX_SIZE));
	char *line;
	bool good;

	if (memcmp(data, start, MIN(size, start_size)) != 0)
		return wrong(err, "it does not begin so");
	if (!cr && size < LINE_MAX_SIZE - 1)
		return MS_END;
	if (!cr || (size_t)(cr - data) > LINE_MAX_SIZE - 2)
		return wrong(err, "the line is too long");
	if ((size_t)(cr - data) < start_size)
		return wrong(err, "it ends too soon");
	if (memchr(data, '\0', (size_t)(cr - data)))
		return wrong(err, "there is a NUL");
	if ((size_t)(cr - data) + 1 == size)
		return MS_END;
	if (cr[1] != '\n')
		return wrong(err, "a CR stands alone");
	line = g_strndup((const char *)data + start_size,
	    (size_t)(cr - data) - start_size);
	good = read_words(line, preamble);
	g_free(line);
	if (!good)
		return wrong(err, "the line is none that it has");
	*used = (size_t)(cr - data) + 2;
	return MS_OK;
}

/*
 * Version 2
 */

static size_t
number16(const unsigned char *data)
{
	return (size_t)data[0] << 8 | data[1];
}

/* Without an end if it has as many bytes. */
static void
set_unix(struct ms_endpoint *endpoint, const unsigned char *path)
{
	const size_t most = sizeof endpoint->u.un.sun_path - 1;
	/* Names without a file begin with a NUL. */
	const size_t size = MIN(most, path[0] ?
	    strnlen((const char *)path, UNIX_SIZE) : UNIX_SIZE);

	memset(endpoint, 0, sizeof *endpoint);
	endpoint->u.un.sun_family = AF_UNIX;
	memcpy(endpoint->u.un.sun_path, path, size);
	endpoint->size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    (path[0] ? size + 1 : 0));
}

static uint16_t
port_at(const unsigned char *data)
{
	uint16_t port;

	memcpy(&port, data, sizeof port);
	return port;
}

/* How many bytes of addresses a family has; 0: those are of no use to us. */
static size_t
read_addresses(unsigned family, const unsigned char *a, size_t size,
    struct ms_preamble *preamble)
{
	switch (family >> 4) {
	case 1:
		if (size < 12)
			return 0;
		set_in(&preamble->from, a, port_at(a + 8));
		set_in(&preamble->to, a + 4, port_at(a + 10));
		return 12;
	case 2:
		if (size < 36)
			return 0;
		set_in6(&preamble->from, a, port_at(a + 32));
		set_in6(&preamble->to, a + 16, port_at(a + 34));
		return 36;
	case 3:
		if (size < 2 * UNIX_SIZE)
			return 0;
		set_unix(&preamble->from, a);
		set_unix(&preamble->to, a + UNIX_SIZE);
		return 2 * UNIX_SIZE;
	default:
		return 0;
	}
}

/* Of the whole, in which the FOUR bytes of the sum itself count as 0. */
static uint32_t
crc32c(const unsigned char *data, size_t size, const unsigned char *four)
{
	uint32_t sum = 0xffffffff;

	for (size_t i = 0; i < size; i++) {
		sum ^= data + i >= four && data + i < four + 4 ? 0 : data[i];
		for (int bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0x82f63b78 : 0);
	}
	return ~sum;
}

/* What follows the addresses has a type and a size each. Only the checksum
 * is of interest, of which there is one. */
static bool
check_rest(const unsigned char *data, size_t size, size_t at)
{
	bool summed = false;

	while (at < size) {
		const unsigned char *value = data + at + 3;
		size_t n;

		if (size - at < 3)
			return false;
		n = number16(data + at + 1);
		if (n > size - at - 3)
			return false;
		if (data[at] == TYPE_CRC32C && (summed || n != 4 ||
		    crc32c(data, size, value) != ((uint32_t)value[0] << 24 |
		    (uint32_t)value[1] << 16 | (uint32_t)value[2] << 8 |
		    value[3])))
			return false;
		summed |= data[at] == TYPE_CRC32C;
		at += 3 + n;
	}
	return true;
}

static enum ms_status
read_binary(const unsigned char *data, size_t size, size_t *used,
    struct ms_preamble *preamble, struct ms_error *err)
{
	size_t whole, addresses = 0;

	if (memcmp(data, signature, MIN(size, sizeof signature)) != 0)
		return wrong(err, "it does not begin so");
	if (size > 12 && data[12] >> 4 != 2)
		return wrong(err, "the version is not known");
	if (size > 12 && (data[12] & 0x0f) > 1)
		return wrong(err, "the command is not known");
	if (size > 13 && ((data[13] >> 4) > 3 || (data[13] & 0x0f) > 2))
		return wrong(err, "the family is not known");
	if (size < FIXED_SIZE)
		return MS_END;
	whole = FIXED_SIZE + number16(data + 14);
	if (whole > MS_PREAMBLE_MAX)
		return wrong(err, "it is too long");
	if (size < whole)
		return MS_END;
	/* LOCAL may have anything there, which is to be left out. A stream is
	 * what we are; what comes of datagrams nobody can have sent. */
	if ((data[12] & 0x0f) == 1 && (data[13] & 0x0f) == 1) {
		addresses = read_addresses(data[13], data + FIXED_SIZE,
		    whole - FIXED_SIZE, preamble);
		if (addresses == 0 && data[13] >> 4 != 0)
			return wrong(err, "it is too short for addresses");
		if (addresses > 0 && !check_rest(data, whole, FIXED_SIZE +
		    addresses))
			return wrong(err, "what follows the addresses is "
			    "damaged");
	}
	preamble->named = addresses > 0;
	*used = whole;
	return MS_OK;
}

enum ms_status
ms_preamble_read(const void *data, size_t size, size_t *used,
    struct ms_preamble *preamble, struct ms_error *err)
{
	const unsigned char *bytes = data;

	*used = 0;
	*preamble = (struct ms_preamble){ .named = false };
	if (size == 0)
		return MS_END;
	if (bytes[0] == 'P')
		return read_line(bytes, size, used, preamble, err);
	return read_binary(bytes, size, used, preamble, err);
}
