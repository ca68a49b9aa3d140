#include "gentle.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From the kernel's linux/ioprio.h, which not every system has. */
enum { IO_WHO_PROCESS = 1, IO_CLASS_BEST_EFFORT = 2, IO_CLASS_IDLE = 3,
	IO_CLASS_SHIFT = 13 };

/* The level from which on the disk is for others first. */
enum { LEVEL_IDLE = 19 };

/* How the kernel itself turns a nice level into one of its eight. */
static long
io_priority(int level)
{
	if (level >= LEVEL_IDLE)
		return (long)IO_CLASS_IDLE << IO_CLASS_SHIFT;
	return ((long)IO_CLASS_BEST_EFFORT << IO_CLASS_SHIFT) |
	    (level + 20) / 5;
}

enum ms_status
gentle_be(int level, struct ms_error *err)
{
	long io;

	if (level == 0)
		return MS_OK;
	if (getpriority(PRIO_PROCESS, 0) < level &&
	    setpriority(PRIO_PROCESS, 0, level) != 0)
		return ms_error_errno(err, "--nice %d", level);
	/* A process that has the idle class was given it on purpose. */
	io = syscall(SYS_ioprio_get, IO_WHO_PROCESS, 0);
	if (io >> IO_CLASS_SHIFT == IO_CLASS_IDLE)
		return MS_OK;
	if (syscall(SYS_ioprio_set, IO_WHO_PROCESS, 0, io_priority(level)) != 0)
		return ms_error_errno(err, "--nice %d: the disk", level);
	return MS_OK;
}
