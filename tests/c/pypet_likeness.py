"""What of an object in an HDF5 file another program can see, apart from its values: attributes with their types and
spaces, the type, layout and filters. For comparing written leaves with those of real stores."""

import h5py

# Values that belong to the object, not to its kind.
OWN = {'TITLE', 'NROWS', 'FILTERS'}


def describe_type(id_):
    if isinstance(id_, h5py.h5t.TypeStringID):
        return ('string', 'utf8' if id_.get_cset() else 'ascii', id_.get_strpad())
    return (type(id_).__name__, id_.get_size())


def describe_attributes(object_, is_classic):
    found = {}
    for index in range(h5py.h5a.get_num_attrs(object_.id)):
        attribute = h5py.h5a.open(object_.id, index=index)
        name = attribute.name.decode()
        if name.startswith('SRVC_AN') or name == 'SRVC_INIT_COMMENT':
            continue
        space = attribute.get_space().get_simple_extent_type()
        type_ = describe_type(attribute.get_type())
        if is_classic and type_[0] == 'string':
            type_ = 'string'
        if name == 'TITLE':
            found[name] = type_
        elif name == 'SRVC_INIT_LENGTH':
            found[name] = (type_, space)
        else:
            value = object_.attrs[name] if space != h5py.h5s.NULL else None
            found[name] = (type_, space, None if name in OWN else repr(value))
    return found


def describe_dataset(dataset):
    properties = dataset.id.get_create_plist()
    filters = [properties.get_filter(i)[0] for i in range(properties.get_nfilters())]
    members = dataset.id.get_type()
    kind = dataset.dtype.kind if dataset.dtype.kind != 'V' else sorted(
        (name, type(members.get_member_type(i)).__name__) for i, name in enumerate(dataset.dtype.names))
    first = dataset.chunks[0] * row_size(dataset) if dataset.chunks else None
    return {'layout': properties.get_layout(), 'filters': filters, 'chunk': first is not None and 30000 < first <= 65536,
            'unlimited': [n is None for n in dataset.maxshape or ()], 'type': kind, 'class': type(members).__name__}


def row_size(dataset):
    """Bytes of a row of a chunk."""
    size = dataset.dtype.itemsize
    for n in dataset.chunks[1:]:
        size *= n
    return size


def signature(item):
    """By what items of one kind are told: the same for two of which everything else should be the same."""
    own = sorted((key, str(item.attrs[key])) for key in item.attrs if key.startswith('SRVC_'))
    kind = sorted((n, item.dtype[n].kind, item.dtype[n].itemsize * (item.dtype[n].kind != 'S'))
                  for n in item.dtype.names) if item.dtype.names else (
                      item.dtype.kind, item.dtype.itemsize * (item.dtype.kind != 'S'))
    name = item.name.rsplit('/', 1)[1]
    return ('cell' if name in ('data', 'explored_data') else '*', str(kind), type(item.id.get_type()).__name__,
            item.ndim, item.size == 0, tuple(own))


def items(root):
    """All datasets directly in leaves below an HDF5 group."""
    return [item for leaf in leaves(root) for item in leaf.values() if isinstance(item, h5py.Dataset)]


def leaves(root):
    """All leaves below an HDF5 group."""
    found = []

    def visit(_, object_):
        if isinstance(object_, h5py.Group) and 'SRVC_LEAF' in object_.attrs:
            found.append(object_)

    root.visititems(visit)
    return found


def differences(ours, theirs, is_classic, but=()):
    """In words, of two items with the same signature, or two leaves. Classic's text is Python 2's, without an encoding:
    both generations load UTF-8."""
    said = []
    a, b = describe_attributes(ours, is_classic), describe_attributes(theirs, is_classic)
    for key in sorted((set(a) | set(b)) - set(but)):
        if a.get(key) != b.get(key):
            said.append(f'{ours.name}: {key} is {a.get(key)}, and {b.get(key)} in {theirs.name}')
    if isinstance(ours, h5py.Dataset):
        a, b = describe_dataset(ours), describe_dataset(theirs)
        for key in a:
            if a[key] != b[key]:
                said.append(f'{ours.name}: {key} is {a[key]}, and {b[key]} in {theirs.name}')
    return said
