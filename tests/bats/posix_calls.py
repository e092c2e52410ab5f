"""posix_calls: one system call, or a few that belong together, and which error it ended with.

posix_calls.py CALL ARGUMENT...   prints the errno's name and exits with 1 where it failed; see the functions below.
Knows nothing of stores: posix.bats runs it where a shell would hide an error or could not make the call.
"""
import errno
import os
import sys

# renameat2(2)'s flags.
FLAGS = {"noreplace": 1, "exchange": 2}


def put(path, flags, text, offset=None):
    fd = os.open(path, flags, 0o666)
    try:
        data = text.encode("utf-8", "surrogateescape")
        done = os.write(fd, data) if offset is None else os.pwrite(fd, data, int(offset))
        assert done == len(data), "a short write"
    finally:
        os.close(fd)  # which is where text that does not fit fails


def write(path, text):
    put(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, text)


def append(path, text):
    put(path, os.O_WRONLY | os.O_APPEND, text)


def exclusive(path, text):
    put(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, text)


def overwrite(path, offset, data):
    """Bytes, in hexadecimal digits, in the middle of a file."""
    fd = os.open(path, os.O_RDWR)
    try:
        os.pwrite(fd, bytes.fromhex(data), int(offset))
        assert os.pread(fd, len(data) // 2, int(offset)) == bytes.fromhex(data)
    finally:
        os.close(fd)


def many(directory, n):
    for i in range(int(n)):
        write(f"{directory}/a{i + 1}", f"{i + 1}\n0\n1\n")


def rename(old, new, how=None):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(-100, os.fsencode(old), -100, os.fsencode(new), FLAGS.get(how, 0)) != 0:
        raise OSError(ctypes.get_errno(), how)


def setxattr(path, name, value, how=None):
    flags = {"create": os.XATTR_CREATE, "replace": os.XATTR_REPLACE}.get(how, 0)
    os.setxattr(path, name, value.encode(), flags, follow_symlinks=False)


def removexattr(path, name):
    os.removexattr(path, name, follow_symlinks=False)


def getxattr(path, name):
    os.getxattr(path, name, follow_symlinks=False)


def big_xattr(path, name, size):
    setxattr(path, name, "x" * int(size))


def chmod(path, mode):
    os.chmod(path, int(mode, 8))


def chown(path, uid):
    os.chown(path, int(uid), -1)


def utime(path, seconds):
    os.utime(path, (int(seconds), int(seconds)))


def copy(path, new):
    with open(path, "rb") as f:
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            os.write(fd, f.read())
        finally:
            os.close(fd)


def fsync(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def held(path, new):
    """Who has a file open reads it on after it has got another name, and after that has gone."""
    fd = os.open(path, os.O_RDONLY)
    want = os.pread(fd, 1 << 20, 0)
    if new:
        os.rename(path, new)
        assert os.pread(fd, 1 << 20, 0) == want, "other content after it was renamed"
        path = new
    os.unlink(path)
    assert os.pread(fd, 1 << 20, 0) == want, "other content after it was removed"
    assert os.fstat(fd).st_nlink == 0
    os.close(fd)


CALLS = {"truncate": lambda path, size: os.truncate(path, int(size)), "mkdir": os.mkdir, "rmdir": os.rmdir,
         "unlink": os.unlink, "link": os.link, "symlink": os.symlink,
         "read": lambda path: open(path, "rb").read(), "mknod": lambda path: os.mkfifo(path),
         **{f.__name__: f for f in (write, append, exclusive, overwrite, rename, copy, setxattr, removexattr, getxattr,
                                    big_xattr, chmod, chown, utime, fsync, held, many)}}

if __name__ == "__main__":
    try:
        CALLS[sys.argv[1]](*sys.argv[2:])
    except OSError as error:
        # Two names of one number.
        print(errno.errorcode[error.errno].replace("ENOTSUP", "EOPNOTSUPP"))
        sys.exit(1)
