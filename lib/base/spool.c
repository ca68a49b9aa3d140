#include "base/spool.h"

#include "base/at.h"
#include "base/tempdir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* With those nothing of the content changes. */
#define CONTENT_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

#define COPY_BLOCK ((size_t)64 << 10)

/* Times that a content is sealed before that cannot be. */
#define SEAL_TRIES 8

enum place { HEAP, MEMFD, FILESYSTEM };

struct ms_spool {
	struct ms_spool_config config;
	struct ms_spool_purse *purse;
	enum place place;
	unsigned char *heap;
	size_t allocated;
	int fd;			/* -1 on the heap */
	void *map;		/* of fd, map_size bytes; NULL: none */
	size_t map_size;
	uint64_t size;
	uint64_t lent;		/* of the purse's */
	bool sealed;
};

struct ms_spool *
ms_spool_new(const struct ms_spool_config *config)
{
	struct ms_spool *spool = g_new0(struct ms_spool, 1);

	spool->config = *config;
	spool->fd = -1;
	return spool;
}

void
ms_spool_purse(struct ms_spool *spool, struct ms_spool_purse *purse)
{
	spool->purse = purse;
}

/* Has FD those of CONTENT_SEALS, all, and takes no more? */
static bool
is_sealed(int fd)
{
	const int all = CONTENT_SEALS | F_SEAL_SEAL;
	const int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & all) == all;
}

struct ms_spool *
ms_spool_adopt(int fd, uint64_t size)
{
	static const struct ms_spool_config none;
	struct ms_spool *spool;
	struct stat about;
	int own;

	if (!is_sealed(fd) || fstat(fd, &about) != 0 ||
	    (uint64_t)about.st_size != size)
		return NULL;
	own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (own < 0)
		return NULL;
	spool = ms_spool_new(&none);
	spool->place = MEMFD;
	spool->fd = own;
	spool->size = size;
	spool->sealed = true;
	return spool;
}

/* Give back what was taken from the purse. */
static void
pay_back(struct ms_spool *spool)
{
	if (spool->purse)
		spool->purse->left += spool->lent;
	spool->lent = 0;
}

static void
unmap(struct ms_spool *spool)
{
	if (spool->map)
		(void)munmap(spool->map, spool->map_size);
	spool->map = NULL;
}

void
ms_spool_free(struct ms_spool *spool)
{
	if (!spool)
		return;
	unmap(spool);
	pay_back(spool);
	if (spool->fd >= 0)
		(void)close(spool->fd);
	g_free(spool->heap);
	g_free(spool);
}

/* At a place of its own: what a write that failed left behind is no part of
 * the content. */
static enum ms_status
write_all(int fd, uint64_t at, const unsigned char *data, size_t size,
    struct ms_error *err)
{
	while (size > 0) {
		ssize_t n = pwrite(fd, data, size, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ms_error_errno(err, "temporary storage");
		data += n;
		at += (uint64_t)n;
		size -= (size_t)n;
	}
	return MS_OK;
}

static enum ms_status
copy_fd(int from, int to, uint64_t size, struct ms_error *err)
{
	unsigned char block[65536];
	uint64_t at = 0;

	while (at < size) {
		ssize_t n = pread(from, block, sizeof block, (off_t)at);

		if (n <= 0)
			return ms_error_errno(err, "temporary storage");
		if (write_all(to, at, block, (size_t)n, err) != MS_OK)
			return MS_E_IO;
		at += (uint64_t)n;
	}
	return MS_OK;
}

/* Move what there is to PLACE, a roomier one. */
static enum ms_status
move_to(struct ms_spool *spool, enum place place, struct ms_error *err)
{
	enum ms_status status;
	int fd = place == MEMFD ?
	    memfd_create("mailscan", MFD_CLOEXEC | MFD_ALLOW_SEALING) :
	    ms_tempdir_file(spool->config.dir);

	if (fd < 0)
		return ms_error_errno(err, "temporary storage in %s",
		    place == MEMFD ? "memory" : spool->config.dir);
	status = spool->place == HEAP ?
	    write_all(fd, 0, spool->heap, (size_t)spool->size, err) :
	    copy_fd(spool->fd, fd, spool->size, err);
	if (status != MS_OK) {
		(void)close(fd);
		return status;
	}
	g_free(spool->heap);
	spool->heap = NULL;
	spool->allocated = 0;
	if (spool->fd >= 0)
		(void)close(spool->fd);
	spool->fd = fd;
	spool->sealed = false;
	spool->place = place;
	if (place == FILESYSTEM)
		pay_back(spool);
	return MS_OK;
}

/* Where SIZE bytes belong. */
static enum place
place_for(const struct ms_spool_config *config, uint64_t size)
{
	if (size <= config->heap_max)
		return HEAP;
	if (size <= config->memfd_max)
		return MEMFD;
	if (config->dir)
		return FILESYSTEM;
	return config->memfd_max > 0 ? MEMFD : HEAP;
}

/* Is there memory for a memfd of SIZE bytes? */
static bool
borrow(struct ms_spool *spool, uint64_t size)
{
	struct ms_spool_purse *purse = spool->purse;
	const uint64_t more = size - spool->lent;

	if (!purse)
		return true;
	if (more > purse->left)
		return false;
	purse->left -= more;
	spool->lent = size;
	return true;
}

static void
make_room(struct ms_spool *spool, size_t size)
{
	size_t need = (size_t)spool->size + size;

	if (need > spool->allocated) {
		spool->allocated = MAX(need, spool->allocated * 2);
		spool->heap = g_realloc(spool->heap, spool->allocated);
	}
}

enum ms_status
ms_spool_write(struct ms_spool *spool, const void *data, size_t size,
    struct ms_error *err)
{
	enum place place = place_for(&spool->config, spool->size + size);

	if (size == 0)
		return MS_OK;
	unmap(spool);
	if (place == MEMFD && spool->place != FILESYSTEM &&
	    !borrow(spool, spool->size + size) && spool->config.dir)
		place = FILESYSTEM;
	if (place > spool->place && move_to(spool, place, err) != MS_OK)
		return MS_E_IO;
	if (spool->place == HEAP) {
		make_room(spool, size);
		memcpy(spool->heap + spool->size, data, size);
	} else if (write_all(spool->fd, spool->size, data, size, err) !=
	    MS_OK) {
		return MS_E_IO;
	}
	spool->size += size;
	return MS_OK;
}

unsigned char *
ms_spool_room(struct ms_spool *spool, size_t size)
{
	if (spool->place != HEAP ||
	    place_for(&spool->config, spool->size + size) != HEAP)
		return NULL;
	make_room(spool, size);
	return spool->heap + spool->size;
}

void
ms_spool_filled(struct ms_spool *spool, size_t size)
{
	spool->size += size;
}

enum ms_status
ms_spool_copy(struct ms_spool *spool, int fd, uint64_t from, uint64_t to,
    struct ms_error *err)
{
	char *block = g_malloc(COPY_BLOCK);
	enum ms_status status = MS_OK;

	while (status == MS_OK && from < to) {
		size_t got = 0;

		if (ms_at_read(fd, from, block,
		    (size_t)MIN(to - from, COPY_BLOCK), &got) != MS_OK)
			status = ms_error_errno(err, "cannot read the "
			    "message");
		else if (got == 0)
			status = ms_error_set(err, MS_E_PEER,
			    "the message is shorter than was said");
		else
			status = ms_spool_write(spool, block, got, err);
		from += got;
	}
	g_free(block);
	return status;
}

uint64_t
ms_spool_size(const struct ms_spool *spool)
{
	return spool->size;
}

void
ms_spool_clear(struct ms_spool *spool)
{
	unmap(spool);
	pay_back(spool);
	if (spool->fd >= 0)
		(void)close(spool->fd);
	spool->fd = -1;
	spool->sealed = false;
	spool->place = HEAP;
	spool->size = 0;
}

enum ms_status
ms_spool_map(struct ms_spool *spool, const unsigned char **data,
    struct ms_error *err)
{
	static const unsigned char nothing[1];

	if (spool->size == 0) {
		*data = nothing;
		return MS_OK;
	}
	if (spool->place == HEAP) {
		*data = spool->heap;
		return MS_OK;
	}
	if (!spool->map) {
		/* A shared mapping could not be sealed over. */
		void *map = mmap(NULL, spool->size, PROT_READ, MAP_PRIVATE,
		    spool->fd, 0);

		if (map == MAP_FAILED)
			return ms_error_errno(err, "temporary storage");
		spool->map = map;
		spool->map_size = spool->size;
	}
	*data = spool->map;
	return MS_OK;
}

enum ms_status
ms_spool_read(struct ms_spool *spool, uint64_t offset, void *data,
    size_t size, size_t *got, struct ms_error *err)
{
	*got = 0;
	if (offset >= spool->size)
		return MS_OK;
	size = MIN(size, spool->size - offset);
	if (spool->place == HEAP) {
		memcpy(data, spool->heap + offset, size);
		*got = size;
		return MS_OK;
	}
	while (*got < size) {
		ssize_t n = pread(spool->fd, (char *)data + *got,
		    size - *got, (off_t)(offset + *got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ms_error_errno(err, "temporary storage");
		*got += (size_t)n;
	}
	return MS_OK;
}

/* While the kernel has a page in hand for reasons of its own, there is no
 * F_SEAL_WRITE (EBUSY): a copy is in other pages. */
static enum ms_status
seal_memfd(struct ms_spool *spool, struct ms_error *err)
{
	for (int tries = 1;; tries++) {
		if (fcntl(spool->fd, F_ADD_SEALS,
		    CONTENT_SEALS | F_SEAL_SEAL) == 0)
			break;
		if (errno != EBUSY || tries == SEAL_TRIES)
			return ms_error_errno(err, "cannot seal a memfd");
		if (move_to(spool, MEMFD, err) != MS_OK)
			return MS_E_IO;
	}
	spool->sealed = true;
	return MS_OK;
}

enum ms_status
ms_spool_seal(struct ms_spool *spool, int *fd, struct ms_error *err)
{
	char link[64];

	if (spool->place == HEAP && move_to(spool, MEMFD, err) != MS_OK)
		return MS_E_IO;
	/* What is sealed stays so, and takes no more seals. */
	if (spool->place == MEMFD && !spool->sealed &&
	    seal_memfd(spool, err) != MS_OK)
		return MS_E_IO;
	*fd = -1;
	if (spool->place == FILESYSTEM) {
		(void)snprintf(link, sizeof link, "/proc/self/fd/%d",
		    spool->fd);
		*fd = open(link, O_RDONLY | O_CLOEXEC);
	}
	/* Seals are enough; and without /proc the descriptor has to do. */
	if (*fd < 0)
		*fd = fcntl(spool->fd, F_DUPFD_CLOEXEC, 3);
	return *fd < 0 ? ms_error_errno(err, "temporary storage") : MS_OK;
}
