"""Loads trajectories as pypet's HDF5StorageService does, through PyTables, by the rules that a store must follow:
service attributes, classes, flags. Complains where pypet would."""

import numpy
import pandas
import tables

SCALARS = {name: getattr(numpy, name) for name in (
    'bool_ complex64 complex128 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64').split()}
SCALARS.update({'bool': bool, 'complex': complex, 'float': float, 'int': int, 'str': str, 'bytes': bytes})
PARAMETERS = {'Parameter', 'ArrayParameter', 'PickleParameter', 'SparseParameter'}
CLASSES = PARAMETERS | {'Result', 'PickleResult', 'SparseResult', 'SharedResult'}
BRANCHES = {'config': 'config', 'parameters': 'parameter', 'derived_parameters': 'derived_parameter',
            'results': 'result'}


class Refused(Exception):
    pass


IS_CLASSIC = False


def attribute(node, name, kind=str):
    """A service attribute, which pypet takes only as text (or as a number); classic, a Python 2 program, as bytes, too."""
    if name not in node._v_attrs._v_attrnames:
        return None
    value = node._v_attrs[name]
    if IS_CLASSIC and isinstance(value, bytes):
        value = value.decode()
    if not isinstance(value, kind):
        raise Refused(f'{node._v_pathname}: {name} is {value!r}')
    return value


def convert(value, scalar, where):
    if scalar is None:
        return value
    name = scalar[7:-2].split('.')[-1] if scalar.startswith('<type') else scalar
    if name not in SCALARS:
        raise Refused(f'{where}: no type {scalar}')
    if name == 'str' and isinstance(value, bytes):
        return value.decode('utf8')
    return SCALARS[name](value)


def array_value(node):
    value = node.read()
    collection = attribute(node, 'SRVC_DATA_COLL_TYPE')
    scalar = attribute(node, 'SRVC_DATA_SCALAR_TYPE')
    where = node._v_pathname
    if collection == 'COLL_SCALAR':
        return convert(value.item() if isinstance(value, numpy.ndarray) and scalar in ('int', 'float', 'complex', 'bool')
                       else value[()] if isinstance(value, numpy.ndarray) else value, scalar, where)
    if collection in ('COLL_LIST', 'COLL_TUPLE'):
        items = [convert(item, scalar, where) for item in value]
        return items if collection == 'COLL_LIST' else tuple(items)
    if collection == 'COLL_NDARRAY':
        value = numpy.asarray(value)
        if scalar == 'str':
            try:
                return numpy.char.decode(value, 'ascii')
            except UnicodeDecodeError:  # pypet gives the bytes then
                return value
        return value
    if collection == 'COLL_MATRIX':
        return numpy.asmatrix(value)
    if collection == 'COLL_DICT':  # ARRAY on a dict stores its keys
        return list(value)
    if collection == 'COLL_EMPTY_DICT':
        return {}
    raise Refused(f'{where}: collection type {collection!r}')


def table_columns(node):
    rows = node.read()
    columns = {}
    for name in node.colnames:
        collection = attribute(node, f'SRVC_COLUMN_{name}_COLL_TYPE')
        scalar = attribute(node, f'SRVC_COLUMN_{name}_SCALAR_TYPE')
        if collection is None:
            raise Refused(f'{node._v_pathname}: no type for the column {name}')
        if collection == 'COLL_SCALAR':
            columns[name] = [convert(cell.item() if scalar in ('int', 'float', 'complex', 'bool') else cell, scalar,
                                     node._v_pathname) for cell in rows[name]]
        elif collection in ('COLL_LIST', 'COLL_TUPLE'):
            kind = list if collection == 'COLL_LIST' else tuple
            columns[name] = [kind(convert(item, scalar, node._v_pathname) for item in cell) for cell in rows[name]]
        else:
            columns[name] = [numpy.asarray(cell) for cell in rows[name]]
    return columns


def frame_value(node):
    with pandas.HDFStore(node._v_file.filename, 'r') as store:
        return store.get(node._v_pathname)


def dict_value(node):
    if attribute(node, 'SRVC_DATA_COLL_TYPE') != 'COLL_DICT' or node.nrows != 1:
        raise Refused(f'{node._v_pathname}: no dict')
    if list(node.colnames) != sorted(node.colnames):
        raise Refused(f'{node._v_pathname}: the keys are not in order')
    return {key: cells[0] for key, cells in table_columns(node).items()}


def item_value(node):
    flag = attribute(node, 'SRVC_STORE')
    if flag == 'SHARED_DATA_':
        flag = attribute(node, 'SRVC_SHARED_TYPE')
        if not isinstance(node, tables.Group):
            return flag, node.read()
    if 'SPLIT_TABLE' in node._v_attrs:
        return flag, {child._v_name: child.read().tolist() for child in node._f_list_nodes()}
    kinds = {'ARRAY': tables.Array, 'CARRAY': tables.CArray, 'EARRAY': tables.EArray, 'VLARRAY': tables.VLArray,
             'TABLE': tables.Table, 'DICT': tables.Table, 'FRAME': tables.Group, 'SERIES': tables.Group,
             'NESTED_GROUP': tables.Group}
    if flag not in kinds:
        raise Refused(f'{node._v_pathname}: SRVC_STORE is {flag!r}')
    if type(node) is not kinds[flag]:
        raise Refused(f'{node._v_pathname}: a {type(node).__name__} as {flag}')
    if flag in ('FRAME', 'SERIES'):
        return frame_value(node)
    if flag == 'NESTED_GROUP':
        return {child._v_name: item_value(child) for child in node._f_list_nodes()}
    if flag == 'DICT':
        return dict_value(node)
    return table_columns(node) if flag == 'TABLE' else array_value(node)


def load_leaf(group, branch):
    name = attribute(group, 'SRVC_INIT_CLASS_NAME')
    if name not in CLASSES:
        raise Refused(f'{group._v_pathname}: class {name!r}')
    if (name in PARAMETERS) != (branch in ('config', 'parameter', 'derived_parameter')):
        raise Refused(f'{group._v_pathname}: a {name} among {branch}s')
    items = {child._v_name: item_value(child) for child in group._f_list_nodes()}
    leaf = {'class': name, 'items': items}
    if name == 'Parameter' and items:
        leaf['value'] = items['data']['data'][0]
        if 'explored_data' in items:
            leaf['range'] = items['explored_data']['data']
    elif name in ('PickleParameter', 'SparseParameter'):
        for table in ('explored_data', 'explored_data__spsp__', 'explored_data__rr__'):  # numbers of values, or those
            if table in items:
                leaf['range'] = list(items[table].values())[0]
    elif name == 'ArrayParameter':
        leaf['value'] = items['data__rr__'] if 'data__rr__' in items else items['data']['data'][0] if items else None
        if 'explored_data' in items:
            leaf['range'] = items['explored_data']['data']
        elif 'explored_data__rr__' in items:
            arrays = {key[-8:]: value for set_ in items.get('explored__rr__', {}).values() for key, value in set_.items()}
            arrays.update({key[-8:]: value for key, value in items.items() if key.startswith('xa__rr__')})
            leaf['range'] = [arrays[f'{number:08d}'] for number in items['explored_data__rr__']['idx']]
    return leaf


def load_node(group, path, branch, nodes):
    annotated = attribute(group, 'SRVC_ANNOTATED', (bool, numpy.bool_, int, numpy.integer))
    node = {'comment': attribute(group, 'SRVC_INIT_COMMENT') or '', 'annotations': {}}
    for name in group._v_attrs._v_attrnames:
        if annotated and name.startswith('SRVC_AN_'):
            value = group._v_attrs[name]
            node['annotations'][name[8:]] = value.decode() if IS_CLASSIC and isinstance(value, bytes) else value
    is_leaf = attribute(group, 'SRVC_LEAF', (bool, numpy.bool_, int, numpy.integer))
    if is_leaf:
        node.update(load_leaf(group, branch), kind=branch)
    else:
        node['kind'] = 'group'
        for child in group._f_list_nodes('Group'):
            load_node(child, f'{path}.{child._v_name}', branch, nodes)
    nodes[path] = node


def load(store, name):
    """What pypet would have of a trajectory: a dict with info, runs, explored parameters and all nodes."""
    global IS_CLASSIC
    with tables.open_file(store) as file:
        group = file.root._f_get_child(name)
        info = file.get_node(group, 'overview/info').read()[0]
        IS_CLASSIC = info['version'].startswith(b'0.1b')
        runs = file.get_node(group, 'overview/runs').read()
        nodes = {}
        for child in group._f_list_nodes('Group'):
            if child._v_name != 'overview':
                load_node(child, child._v_name, BRANCHES.get(child._v_name, 'result'), nodes)
        explored = []
        if 'overview/explorations' in group:
            explored = [row[0].decode() for row in file.get_node(group, 'overview/explorations').read()]
        trajectory = {'info': {key: info[key] for key in info.dtype.names}, 'runs': runs, 'explored': explored,
                      'nodes': nodes, 'comment': attribute(group, 'SRVC_INIT_COMMENT') or ''}
        for leaf in nodes.values():
            if 'range' in leaf and len(leaf['range']) != len(runs):
                raise Refused(f'a range of {len(leaf["range"])} values for {len(runs)} runs')
        if info['length'] != len(runs):
            raise Refused(f'{len(runs)} runs in a trajectory of length {info["length"]}')
        for row in explored:
            if 'range' not in nodes[row]:
                raise Refused(f'{row} is said to be explored')
        return trajectory
