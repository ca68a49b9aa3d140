#include "milter_sense.h"

#include "serve_sense.h"

#include <string.h>
#include <unistd.h>

/* PATH as whoever starts it sees it, for g_free(); NULL stays NULL. */
static char *
from_root(const struct milter_options *options, const char *path)
{
	return path && options->chroot ? g_build_filename(options->chroot,
	    path, NULL) : g_strdup(path);
}

/* May those connect to the service who will have to? Perhaps it does not run
 * yet. */
static void
look_at_service(const struct ground *ground,
    const struct milter_options *options, const struct milter_plan *plan)
{
	char *path = from_root(options, plan->service + strlen("unix:"));

	if (ground->here && ground->user &&
	    g_file_test(path, G_FILE_TEST_EXISTS) &&
	    access(path, R_OK | W_OK) != 0)
		option_warning(ground->cmd, "--scan-socket: %s cannot connect "
		    "to %s: run it as the service is run, or say whose that "
		    "is (--scan-socket-group of pool or serve)", ground->user,
		    path);
	g_free(path);
}

/* All that is known. */
struct outfit {
	const struct milter_options *options;
	const struct milter_plan *plan;	/* NULL: none */
};

/* What is opened when the rights of root are gone. */
static void
look_as_user(struct ground *ground, const void *arg)
{
	const struct outfit *outfit = arg;
	char *tempdir = from_root(outfit->options,
	    outfit->options->serve.scan.tempdir);

	ground_directory(ground, "tempdir", tempdir);
	if (outfit->plan)
		look_at_service(ground, outfit->options, outfit->plan);
	/* What is within the directory is seen from there alone. */
	if (!outfit->options->chroot)
		serve_sense_again(ground, &outfit->options->serve);
	g_free(tempdir);
}

static void
look_at_socket(struct ground *ground, const struct milter_options *options)
{
	char *name = ms_socketname(options->listen, NULL);

	ground_group(ground, "socket-group", options->socket_group);
	ground_file(ground, "listen", ms_socketname_path(name));
	if (ms_socketname_is_open(name))
		option_warning(ground->cmd, "--listen: whoever reaches %s can "
		    "have mail scanned%s", options->listen,
		    strchr(name, '@') ? "" : ": that is every address of "
		    "this machine, inet:PORT@127.0.0.1 is only itself");
	g_free(name);
}

bool
milter_sense(const struct command *cmd, const struct milter_options *options,
    const struct milter_plan *plan, const struct ground_scene *scene)
{
	const struct outfit outfit = { options, plan };
	struct ground ground;

	ground_open(&ground, cmd, options->serve.user, options->serve.group,
	    scene);
	serve_sense_start(&ground, &options->serve);
	if (plan)
		look_at_socket(&ground, options);
	if (options->chroot && !g_file_test(options->chroot,
	    G_FILE_TEST_IS_DIR))
		ground_fault(&ground, "--chroot: there is no directory %s",
		    options->chroot);
	else
		ground_look(&ground, look_as_user, &outfit);
	return ground_close(&ground);
}
