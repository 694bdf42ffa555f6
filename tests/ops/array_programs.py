"""Uses of the array ops, one expression a line, whose nodes and values TF 1.15 recorded.

Names in them: tf, np, the dtypes f32, i32, i64, f64; P(dtype, shape) makes a placeholder; F(value, dtype) one of
unknown shape that is fed with the value; X(shape) a float placeholder, the first of which is X.x.
compat_suite/record/arrays.py (inside TF 1.15, Python 3.7) and test_arrays.py evaluate them.
"""

import numpy as np

# Built only: node by node the same graph, the same static shapes, or the same error.
NODES = r"""
tf.zeros([tf.shape(P(f32,[None,3]))[1]])
tf.reshape(P(f32,[None,3,4]), [-1, tf.shape(P(f32,[None,3]))[1], 4])
tf.reshape(P(f32,[None,3,4]), tf.shape(P(f32,[None,3])))
tf.reshape(P(f32,[None,3,4]), tf.shape(P(f32,[None,3]))[:1])
tf.zeros([3,4]),tf.zeros([3000,4]),tf.zeros(5),tf.ones([3000,4],i32)
tf.zeros([P(i32,[]),2])
tf.zeros([2,P(i32,[]),3])
tf.zeros(P(i32,[]))
tf.zeros([None,2])
tf.ones([], tf.string)
tf.zeros([2,2], tf.string)
tf.zeros_like(P(f32,[None,2])),tf.zeros_like([1,2.]),tf.zeros_like(P(f32,[None,2]),i32),tf.zeros_like(P(f32,[3,2]),optimize=False)
tf.ones_like(P(f32,[None,2])),tf.ones_like(P(f32,[3,2]),dtype=i32),tf.ones_like([1,2])
tf.shape([1,2]),tf.size([1,2]),tf.rank([1,2]),tf.rank(P(f32)),tf.size(P(f32,[0,None])),tf.size(P(f32,[2,None]),out_type=i64)
tf.fill([2,3],7),tf.fill(P(i32,[None]),7)
tf.fill([2,-3],7)
tf.fill([2,-1],7)
tf.fill([[2,3]],7)
tf.fill([2,3],[7])
tf.reshape(P(f32,[3,4]),[5,-1])
tf.reshape(P(f32,[3,4]),[5,2])
tf.reshape(P(f32,[0,4]),[-1,0])
tf.reshape(P(f32,[3,4]),[-2,3])
tf.reshape(P(f32,[None,4]),[-1,3])
tf.reshape(P(f32,[None,None,4]),[-1,2])
tf.reshape(P(f32,[None,4]),[3,3])
tf.reshape([1,2,3,4],-1)
tf.expand_dims([1,2],5)
tf.expand_dims([1,2],[0,1])
tf.expand_dims(P(f32,[2,None]),-1),tf.expand_dims(P(f32,[2]),dim=0)
tf.expand_dims(P(f32,[2]),axis=1,dim=0)
tf.expand_dims([1,2])
tf.squeeze(P(f32,[2,1,None])),tf.squeeze(P(f32,[2,1,1]),[1,-1]),tf.squeeze(P(f32,[2,None,1]),squeeze_dims=[1])
tf.squeeze(P(f32,[2,1,1]),5)
tf.broadcast_to(P(f32,[2,1]),[3,2,4]),tf.broadcast_to(P(f32,None),[2,4])
tf.broadcast_to(P(f32,[2,3]),[3,2,4])
tf.broadcast_to(P(f32,[2,3,3]),[2,4])
tf.broadcast_dynamic_shape([1,2],[3,1])
tf.broadcast_static_shape(tf.TensorShape([1,2]),tf.TensorShape([3,None]))
tf.broadcast_static_shape(tf.TensorShape([4,2]),tf.TensorShape([3,None]))
tf.ensure_shape(P(f32,[4,None]),[None,3])
tf.ensure_shape(P(f32,[4,None]),[5,3])
tf.shape_n([P(f32,[4,None]),P(f32,[4])])
tf.concat([P(f32,[2,3]),P(f32,[2,None])],1)
tf.concat([P(f32,[2,3]),P(f32)],0)
tf.concat([P(f32,[2,3]),P(f32,[3,3])],1)
tf.concat([P(f32,[2,3]),[[1,2,3]]],0)
tf.concat([P(f32,[2,3])],0),tf.concat(P(f32,[2,3]),0)
tf.concat([P(f32,[]),P(f32,[])],0)
tf.concat([[1],[2]],P(i32,[]))
tf.concat([P(f32,[2,3]),P(f32,[2,3])],-1,name='foo')
tf.concat([P(f32,[2,3]),P(f32,[2,3])],5)
tf.stack([P(f32,[2,3]),P(f32,[2,3])]),tf.stack([P(f32,[2,3]),P(f32,[2,3])],axis=-1),tf.stack([1,2,3]),tf.stack([[1,2],[3,4]],axis=1)
tf.stack([P(f32,[2,3]),P(f32,[3])])
tf.stack([P(f32,[2,3]),P(f32,[2,4])],axis=1)
tf.stack([P(f32,[2,3]),P(f32,[2,3])],axis=4)
tf.stack([P(f32,[]),1.,2])
tf.stack([P(f32,[]),P(i32,[])])
tf.convert_to_tensor([P(f32,[]),1.])
tf.convert_to_tensor([[P(f32,[]),1.],[2.,3.]])
tf.convert_to_tensor([[P(f32,[]),1.],P(f32,[2])],name='q')
tf.convert_to_tensor([P(f32,[]),1],dtype=i32)
tf.convert_to_tensor([P(f32,[2]),np.array([1,2],np.float32)])
tf.reshape(P(f32),[P(i32,[]),-1,3])
tf.unstack(P(f32,[2,3])),tf.unstack(P(f32,[2,3]),axis=1),tf.unstack(P(f32),num=2)
tf.unstack(P(f32,[None,3]))
tf.unstack(P(f32,[2,3]),num=3)
tf.unstack(P(f32,[2,3]),axis=3)
tf.split(P(f32,[2,6]),3,1),tf.split(P(f32,[2,6]),[1,5],1),tf.split(P(f32,[2,6]),[1,-1],1),tf.split(P(f32,[None,6]),2)
tf.split(P(f32,[2,6]),4,1)
tf.split(P(f32,[2,6]),[1,2],1)
tf.split(P(f32,[2,6]),P(i32,[2]),1)
tf.split(P(f32,[2,6]),P(i32,[None]),1)
tf.split(P(f32,[2,6]),P(i32,[]),1)
tf.split(P(f32),[1,2],1)
tf.split(P(f32,[4,None]),2,P(i32,[]))
tf.tile(P(f32,[2,None]),[2,3]),tf.tile(P(f32,[2,3]),P(i32,[2])),tf.tile(P(f32),[2,3])
tf.tile(P(f32,[2,3]),[2])
tf.transpose(P(f32,[2,3])),tf.transpose(P(f32,[2,3]),[1,0]),tf.transpose(P(f32)),tf.transpose(P(f32,[2,3]),P(i32,[2])),tf.transpose(P(f32,[]))
tf.transpose(P(tf.complex64,[2,3]),conjugate=True)
tf.transpose(P(f32,[2,3]),[0,2])
tf.transpose(P(f32,[2,3]),[0])
tf.matrix_transpose(P(f32,[4,2,3])),tf.matrix_transpose(P(f32))
tf.matrix_transpose(P(f32,[4]))
tf.reverse(P(f32,[2,3]),[0]),tf.reverse_sequence(P(f32,[2,3]),[1,2],1,0)
tf.reverse(P(f32,[2,3]),[4])
tf.reverse(P(f32,[2,3]),[1,1])
tf.roll(P(f32,[2,3]),1,0)
tf.pad(P(f32,[2,3]),[[1,1],[0,2]]),tf.pad(P(f32,[2,3]),[[1,1],[0,2]],constant_values=3),tf.pad(P(f32,[2,3]),[[1,1],[0,2]],'reflect')
tf.pad(P(f32,[2,3]),[[1,1],[0,P(i32,[])]])
tf.pad(P(f32,[2,3]),[[1,1]])
tf.pad(P(f32,[2,3]),[[1,-1],[0,0]])
tf.pad(P(f32,[2,3]),[[1,1],[0,2]],'zz')
tf.slice(P(f32,[4,None]),[1,0],[2,-1]),tf.slice(P(f32,[4,5]),P(i32,[2]),[2,-1]),tf.slice(P(f32,[4,5]),[0,0],P(i32,[2]))
tf.slice(P(f32,[4,5]),[5,0],[-1,-1])
tf.slice(P(f32,[4,5]),[0],[1])
tf.slice(P(f32,[4,5]),[0,0],[-2,1])
P(f32,[4,5])[1]
P(f32,[4,5])[1:3,::2]
P(f32,[4,None])[-1,1:]
P(f32,[4,5])[...,1], P(f32,[4,5])[:,None,::-1]
P(f32,[4,5])[5]
P(f32,[4,5])[1,2,3]
P(f32,[4,5])[...,...]
P(f32,[4,5])[::0]
P(f32,[4,5])[P(i32,[])]
P(f32,[4,5])[P(i32,[]):,2]
P(f32,[4,5])[P(i64,[]):P(i32,[]),2]
P(f32,[4,5])['a']
P(f32,[4,5])[1.5]
P(f32,[4,5])[[1,2]]
P(f32,[4,5])[P(i32,[2])]
P(f32,[4,5])[np.int64(1):np.array(2)]
P(f32,[4,5])[()]
P(f32)[1:2]
P(f32,[4,5])[P(tf.bool,[4])]
P(f32,[4,5])[1:P(i32,[])]
tf.strided_slice(P(f32,[4,5]),[0,0],[2,2]),tf.strided_slice(P(f32,[4,5]),[0],[2],[1],name='ss')
tf.strided_slice(P(f32,[4,5]),[0,0],[2])
P(f32,[4,5])[1].assign(3)
tf.gather(P(f32,[4,5]),[1,2]),tf.gather(P(f32,[4,5]),[[1,2]],axis=1),tf.gather(P(f32,[4,5]),P(i32,[4,2]),axis=1,batch_dims=1),tf.gather(P(f32,[4,5]),P(i32),axis=P(i32,[]))
tf.gather(P(f32,[4,5]),[1,2],axis=3)
tf.gather(P(f32,[]),[1,2])
tf.batch_gather(P(f32,[4,5,6]),P(i32,[4,3]))
tf.batch_gather(P(f32,[2,4,5,6]),P(i32,[2,4,3]))
tf.batch_gather(P(f32,[4,5,6]),P(i32))
tf.gather_nd(P(f32,[4,5]),[[1,2]]),tf.gather_nd(P(f32,[4,5,6]),P(i32,[None,2]))
tf.gather_nd(P(f32,[4,5]),[[1,2,3]])
tf.gather_nd(P(f32,[4,5,6]),P(i32,[4,3,1]),batch_dims=1)
tf.gather_nd(P(f32,[4,5,6]),P(i32,[4,5,1]),batch_dims=2)
tf.scatter_nd([[1],[2]],[3.,4.],[5]),tf.scatter_nd(P(i32,[2,1]),P(f32,[2,3]),P(i32,[2]))
tf.scatter_nd([[1],[2]],[3.,4.,5.],[5])
tf.scatter_nd([[1],[2]],[[3.],[4.]],[5])
tf.tensor_scatter_update(P(f32,[4]),[[1]],[2.]),tf.tensor_scatter_add(P(f32,[4]),[[1]],[2.]),tf.tensor_scatter_sub(P(f32,[4]),[[1]],[2.])
tf.where(P(tf.bool,[3])),tf.where(P(tf.bool,[3]),P(f32,[3]),P(f32,[3])),tf.where(P(tf.bool)),tf.where([True,False]),tf.where_v2(P(tf.bool,[3]),P(f32,[3]),1.)
tf.where(P(tf.bool,[3]),P(f32,[3]))
tf.unique(P(f32,[3])),tf.unique_with_counts(P(f32,[3])),tf.setdiff1d([1,2],[2])
tf.unique(P(f32,[3,3]))
tf.one_hot([1,2],3),tf.one_hot([1,2],3,on_value=2,off_value=1),tf.one_hot(P(i32,[2,None]),P(i32,[]),axis=0),tf.one_hot([1],3,dtype=i32),tf.one_hot([1],3,on_value=2.),tf.one_hot([1],3,True,False)
tf.one_hot([1],3,on_value=2.,dtype=i32)
tf.one_hot([1],3,on_value=2.,off_value=1)
tf.one_hot([1],3,axis=-2)
tf.boolean_mask(P(f32,[3,4]),P(tf.bool,[3]))
tf.boolean_mask(P(f32,[3,4]),P(tf.bool,[3,4]))
tf.boolean_mask(P(f32,[3,4]),P(tf.bool,[4]),axis=1)
tf.boolean_mask(P(f32,[3,4]),P(tf.bool,[]))
tf.boolean_mask(P(f32,[3,4]),P(tf.bool))
tf.boolean_mask(P(f32,[3,4]),P(tf.bool,[4]))
tf.sequence_mask([1,2,3]),tf.sequence_mask([1,2,3],5),tf.sequence_mask([1,2],dtype=f32),tf.sequence_mask(P(i32),P(i64,[]))
tf.sequence_mask([1,2,3],[5])
tf.dynamic_partition(P(f32,[4,2]),[0,1,0,1],2)
tf.dynamic_stitch([[0,2],[1]],[P(f32,[2,3]),P(f32,[1,3])])
tf.searchsorted(P(f32,[3,4]),P(f32,[3,5])),tf.searchsorted(P(f32),P(f32,[3,5]),side='right')
tf.searchsorted([1,2,3],[1],side='x')
tf.meshgrid([1,2],[3,4,5])
tf.meshgrid([1.,2],P(f32,[None]),indexing='ij')
tf.meshgrid([1],[2],foo=1)
tf.repeat([1,2],2)
tf.repeat(P(f32,[2,3]),[1,2],axis=0)
tf.repeat(P(f32,[2,3]),[1,2,3],axis=1)
tf.repeat(P(f32,[2,3]),P(i32),axis=1)
tf.repeat(P(f32),2,axis=0)
tf.parallel_stack([P(f32,[2]),P(f32,[2])])
tf.invert_permutation([1,0])
tf.identity([1,2])
tf.reshape(P(f32,[8]), tf.concat([[2],tf.shape(P(f32,[None,2]))],0))
tf.reshape(P(f32,[8]), tf.stack([2,tf.shape(P(f32,[2,None]))[0],-1]))
tf.zeros(tf.shape(P(f32,[3,None]))[1:])
tf.tile(P(f32,[2,3]), tf.stack([2,P(i32,[])]))
tf.slice(P(f32,[4,5]),[0,P(i32,[])],[2,2])
tf.slice(P(f32,[4,5]),[0,P(i32,[])],[2,-1])
tf.gradients((lambda x: tf.reshape(x,[6]))(X((2,3))),X.x)
tf.gradients(tf.reshape(X((None,3)),[-1]),X.x)
tf.gradients(tf.expand_dims(X((None,3)),0),X.x)
tf.gradients(tf.squeeze(X((1,3))),X.x)
tf.gradients(tf.broadcast_to(X((1,3)),[2,3]),X.x)
tf.gradients(tf.fill([2,3],X(())),X.x)
tf.gradients(tf.ensure_shape(X((None,3)),[2,3]),X.x)
tf.gradients(tf.concat([X((2,3)),X((2,3))],1),X.x)
tf.gradients(tf.concat([X((None,3)),X((2,3))],0),X.x)
tf.gradients(tf.concat([X((2,3))]*20,0),X.x)
tf.gradients(tf.concat([X((None,3))]*20,0),X.x)
tf.gradients(tf.concat([X((None,3)),X((None,3))],P(i32,[])),X.x)
tf.gradients(tf.gather(tf.concat([X((4,3)),X((4,3))],0),[1,2]),X.x)
tf.gradients(tf.gather(tf.concat([X((None,3)),X((4,3))],0),[1,2]),X.x)
tf.gradients(tf.gather(tf.concat([X((4,3)),X((4,3))],1),[1,2]),X.x)
tf.gradients(tf.gather(tf.concat([X((4,3)),X((4,3))],-2),[1,2]),X.x)
tf.gradients(tf.stack([X((2,)),X((2,))]),X.x)
tf.gradients(tf.unstack(X((2,3)))[1],X.x)
tf.gradients(tf.split(X((2,6)),3,1)[1],X.x)
tf.gradients(tf.split(X((2,6)),[1,5],1)[1],X.x)
tf.gradients(tf.tile(X((2,3)),[2,1]),X.x)
tf.gradients(tf.tile(X((None,3)),[2,1]),X.x)
tf.gradients(tf.gather(tf.tile(X((2,3)),[2,1]),[1]),X.x)
tf.gradients(tf.transpose(X((2,3))),X.x)
tf.gradients(tf.transpose(X((2,3)),[1,0]),X.x)
tf.gradients(tf.reverse(X((2,3)),[1]),X.x)
tf.gradients(tf.reverse_sequence(X((2,3)),[1,2],1),X.x)
tf.gradients(tf.roll(X((2,3)),1,0),X.x)
tf.gradients(tf.pad(X((2,3)),[[1,1],[0,2]]),X.x)
tf.gradients(tf.pad(X((2,3)),[[1,1],[0,2]],constant_values=2),X.x)
tf.gradients(tf.pad(X((2,3)),[[1,1],[0,2]],'REFLECT'),X.x)
tf.gradients(tf.slice(X((4,5)),[1,0],[2,-1]),X.x)
tf.gradients(tf.slice(X((None,5)),[1,0],[2,-1]),X.x)
tf.gradients(X((4,5))[1:3,::2],X.x)
tf.gradients(X((None,5))[1],X.x)
tf.gradients(tf.gradients(X((None,5))[1]**2,X.x)[0],X.x)
tf.gradients(tf.gather(X((4,5)),[1,2]),X.x)
tf.gradients(tf.gather(X((None,5)),P(i32)),X.x)
tf.gradients(tf.gather(X((4,5)),[[1,2]],axis=1),X.x)
tf.gradients(tf.gather(X((4,5)),P(i32,[4,2]),axis=1,batch_dims=1),X.x)
tf.gradients(tf.batch_gather(X((4,5)),P(i32,[4,2])),X.x)
tf.gradients(tf.gather_nd(X((4,5)),[[1,2]]),X.x)
tf.gradients(tf.gather_nd(X((4,5)),[[1]]),X.x)
tf.gradients(tf.scatter_nd([[1],[2]],X((2,3)),[5,3]),X.x)
tf.gradients(tf.tensor_scatter_update(X((4,)),[[1]],[2.]),X.x)
tf.gradients(tf.tensor_scatter_add([1.,2],[[1]],X((1,))),X.x)
tf.gradients(tf.tensor_scatter_sub([1.,2],[[1]],X((1,))),X.x)
tf.gradients(tf.boolean_mask(X((3,4)),P(tf.bool,[3])),X.x)
tf.gradients(tf.dynamic_partition(X((4,2)),[0,1,0,1],2),X.x)
tf.gradients(tf.dynamic_stitch([[0,2],[1]],[X((2,3)),X((1,3))]),X.x)
tf.gradients(tf.where([True,False],X((2,)),[1.,2]),X.x)
tf.gradients(tf.diag(X((2,))),X.x)
tf.gradients(tf.diag_part(X((2,2))),X.x)
tf.gradients(tf.matrix_diag(X((3,2))),X.x)
tf.gradients(tf.matrix_diag_part(X((3,2,2))),X.x)
tf.gradients(tf.matrix_diag_part(X((3,3,2))),X.x)
tf.gradients(tf.matrix_set_diag(X((3,2,2)),[[1.,2]]*3),X.x)
tf.gradients(tf.matrix_set_diag(X((None,2,2)),P(f32,[None,2])),X.x)
tf.gradients(tf.matrix_band_part(X((2,2)),1,0),X.x)
tf.gradients(tf.space_to_batch(X((1,2,2,1)),[[0,0],[0,0]],2),X.x)
tf.gradients(tf.batch_to_space(X((4,2,2,1)),[[0,0],[0,0]],2),X.x)
tf.gradients(tf.space_to_batch_nd(X((1,2,2,1)),[2,2],[[0,0],[0,0]]),X.x)
tf.gradients(tf.space_to_depth(X((1,2,2,1)),2),X.x)
tf.gradients(tf.depth_to_space(X((1,2,2,4)),2),X.x)
tf.eye(3),tf.eye(3,4,batch_shape=[2]),tf.eye(3,3)
tf.eye(P(i32,[]))
tf.eye(3,P(i32,[]),batch_shape=P(i32,[None]))
tf.eye(2,batch_shape=P(i32,[2]),dtype=i32)
tf.eye('a')
tf.diag([1,2]),tf.diag_part(P(f32,[2,3,2,None])),tf.matrix_diag(P(f32,[2,3])),tf.matrix_diag_part(P(f32,[2,3,4])),tf.matrix_set_diag(P(f32,[None,3,4]),P(f32,[2,3])),tf.matrix_band_part(P(f32,[2,2]),1,-1)
tf.diag_part(P(f32,[2,3,2]))
tf.matrix_set_diag(P(f32,[2,3,4]),P(f32,[2,4]))
tf.space_to_batch(P(f32,[1,4,4,None]),[[0,0],[0,0]],2),tf.batch_to_space(P(f32,[4,2,2,1]),[[0,1],[0,0]],2),tf.space_to_batch_nd(P(f32,[None,4,5]),[2],[[0,0]]),tf.batch_to_space_nd(P(f32,[4,4]),P(i32,[1]),[[0,1]])
tf.space_to_batch(P(f32,[1,3,4,None]),[[0,0],[0,0]],2)
tf.batch_to_space(P(f32,[3,2,2,1]),[[0,1],[0,0]],2)
tf.space_to_batch_nd(P(f32,[None,4,5]),P(i32,[None]),[[0,0]])
tf.space_to_depth(P(f32,[1,2,4,3]),2),tf.depth_to_space(P(f32,[1,2,None,8]),2),tf.space_to_depth(P(f32,[1,3,2,4]),2,data_format='NCHW')
tf.space_to_depth(P(f32,[1,3,4,3]),2)
tf.required_space_to_batch_paddings([3,4],[2,3])
tf.required_space_to_batch_paddings(P(i32,[2]),[2,3],[[1,0],[0,0]])
tf.extract_image_patches(P(f32,[1,5,5,2]),[1,3,3,1],[1,2,2,1],[1,1,1,1],'SAME'),tf.image.extract_patches(P(f32,[1,5,None,2]),[1,3,3,1],[1,2,2,1],[1,1,1,1],'VALID'),tf.extract_volume_patches(P(f32,[1,5,5,5,2]),[1,3,3,3,1],[1,2,2,2,1],'SAME')
tf.bitcast(P(f32,[4,None]),tf.int8),tf.bitcast(P(tf.int8,[4,None]),f32),tf.bitcast(P(i32,[4]),f32)
tf.bitcast(P(tf.int8,[4,3]),f32)
tf.guarantee_const(P(f32,[4,None]))
tf.unravel_index([1,2],[3,4]),tf.unravel_index(P(i32),[3,4]),tf.unravel_index(2,[3,4])
""".strip().split("\n")

# Run: the same values, dtypes and shapes, or the same error.
VALUES = r"""
tf.reshape(F(A(6.)),F([2,-1]))
tf.reshape(F(A(6.)),F([4,-1]))
tf.reshape(F(A(6.)),F([4,2]))
tf.reshape(F(A(6.)),F([-1,-1]))
tf.reshape(F(A(6.)),F([-3,2]))
tf.reshape(F(np.zeros((0,2))),F([0,-1]))
tf.reshape(F(np.zeros((0,2))),F([-1,3]))
tf.reshape(F(A(6.)),F(6))
tf.reshape(F([b'a',b'b']),F([2,1]))
tf.expand_dims(F(A(6.)),F(0)),tf.expand_dims(F(A(6.)),F(-2)),tf.expand_dims(F(['a','b']),F(1))
tf.expand_dims(F(A(6.)),F(3))
tf.expand_dims(F(A(6.)),F([1,2]))
tf.squeeze(F([[[1.],[2.]]])),tf.squeeze(F([[[1.],[2.]]]),[0]),tf.squeeze(F([['a']]))
tf.squeeze(F([[[1.],[2.]]]),[1])
tf.squeeze(F([[[1.],[2.]]]),[4])
tf.ensure_shape(F([1.,2]),[None]),tf.ensure_shape(F([1.,2]),None)
tf.broadcast_to(F([1.,2]),F([2,2])),tf.broadcast_to(F(['a']),F([2,2]))
tf.broadcast_to(F([1.,2]),F([2,3]))
tf.broadcast_to(F([[1.,2]]),F([2]))
tf.broadcast_to(F(1.),F([0,2]))
tf.broadcast_dynamic_shape(F([1,2]),F([3,1,1]))
tf.broadcast_dynamic_shape(F([2]),F([3]))
tf.fill(F([2,2]),F(7.)),tf.fill(F([2]),'q'),tf.fill(F(A(0,dtype=np.int32)),F(3))
tf.fill(F([2,-2]),F(7.))
tf.fill(F([2,2]),F([7.]))
tf.zeros(F([2])),tf.ones(F([2]),tf.bool),tf.zeros([2],tf.string),tf.zeros_like(F(['a','b'])),tf.zeros_like(F([True])),tf.ones_like(F([1,2]),dtype=f64)
tf.zeros([2,2],tf.complex64),tf.ones([2],tf.uint8),tf.zeros([2],tf.float16),tf.ones_like(F([1.,2]))
tf.shape(F([[1,2]])),tf.size(F([[1,2]]),out_type=i64),tf.rank(F([[1,2]])),tf.shape_n([F([[1,2]]),F([1,2,3])],out_type=i64),tf.shape(F(['a','b'])),tf.size(F(['a','b']))
tf.concat([F([[1.,2]]),F([[3.,4],[5,6]])],F(0)),tf.concat([F([[1.],[2]]),F([[3.,4],[5,6]])],F(-1)),tf.concat([F(['a']),F(['b','c'])],0)
tf.concat([F([[1.,2]]),F([[3.,4],[5,6]])],F(1))
tf.concat([F([[1.,2]]),F([3.])],F(1))
tf.concat([F([[1.,2]]),F([[3.,2]])],F(4))
tf.concat([F(np.zeros(0)),F([[1.,2]])],F(0))
tf.concat([F(1.),F(2.)],F(0))
tf.concat([F([[1,2]],tf.uint16),F([[3,4]],tf.uint16)],0),tf.concat([F([[True,False]]),F([[True,True]])],1)
tf.stack([F([1.,2]),F([3.,4])],axis=1),tf.stack([F(['a']),F(['b'])]),tf.stack([F(1),F(2)])
tf.stack([F([1.,2]),F([3.])],axis=1)
tf.stack([F([1.,2]),F([3.,4])],axis=3)
tf.unstack(F([[1.,2],[3,4]]),num=2,axis=1),tf.unstack(F(['a','b']),num=2)
tf.unstack(F([[1.,2],[3,4]]),num=3)
tf.unstack(F([1.,2]),num=2,axis=2)
tf.split(F(A(6.)),3),tf.split(F(A(6.)),[1,2,3]),tf.split(F(A(6.)),F([1,5]),num=2),tf.split(F(['a','b']),2),tf.split(F(A(6.)),[1,-1])
tf.split(F(A(6.)),4)
tf.split(F(A(6.)),[1,2])
tf.split(F(A(6.)),2,F(3))
tf.split(F(A(6.)),[-1,-1])
tf.split(F(A(6.)),[7,-1])
tf.tile(F([[1.,2]]),F([2,2])),tf.tile(F(['a']),[2]),tf.tile(F([1]),[0])
tf.tile(F([[1.,2]]),F([2]))
tf.tile(F([[1.,2]]),F([2,-1]))
tf.transpose(F([[1.,2]])),tf.transpose(F(A(6.).reshape(1,2,3)),F([2,0,1])),tf.transpose(F([['a','b']])),tf.transpose(F([[1+2j,3]]),conjugate=True),tf.transpose(F(3.))
tf.transpose(F(A(6.).reshape(1,2,3)),F([2,0,0]))
tf.transpose(F(A(6.).reshape(1,2,3)),F([2,0,3]))
tf.transpose(F(A(6.).reshape(1,2,3)),F([2,0]))
tf.invert_permutation(F([2,0,1]))
tf.invert_permutation(F([2,0,0]))
tf.invert_permutation(F([2,0,3]))
tf.reverse(F([[1.,2],[3,4]]),F([0,1])),tf.reverse(F(['a','b']),[0]),tf.reverse(F([[1.,2],[3,4]]),F([-1]))
tf.reverse(F([[1.,2],[3,4]]),F([2]))
tf.reverse(F([[1.,2],[3,4]]),F([1,-1]))
tf.reverse_sequence(F([[1,2,3],[4,5,6]]),F([2,4]),1,0)
tf.reverse_sequence(F([[1,2,3],[4,5,6]]),F([2,-1]),1,0)
tf.reverse_sequence(F([[1,2,3],[4,5,6]]),F([2]),1,0)
tf.reverse_sequence(F([[1,2,3],[4,5,6]]),F([2,2]),0,0)
tf.reverse_sequence(F([[1,2,3],[4,5,6]]),F([2,2]),2,0)
tf.roll(F([1,2,3]),F(1),F(0)),tf.roll(F([[1,2,3],[4,5,6]]),F([1,-1]),F([0,1])),tf.roll(F(['a','b','c']),1,0)
tf.roll(F([1,2,3]),F(1),F(1))
tf.roll(F(1),F(1),F(0))
tf.pad(F([[1.,2]]),F([[1,0],[0,2]])),tf.pad(F([[1.,2]]),F([[1,0],[0,2]]),constant_values=5.),tf.pad(F([1,2,3]),F([[2,2]]),'REFLECT'),tf.pad(F([1,2,3]),F([[3,3]]),'SYMMETRIC'),tf.pad(F([True]),[[1,1]])
tf.pad(F([[1.,2]]),F([[1,0]]))
tf.pad(F([[1.,2]]),F([[1,0],[-1,0]]))
tf.pad(F([1,2,3]),F([[3,2]]),'REFLECT')
tf.pad(F([1,2,3]),F([[4,2]]),'SYMMETRIC')
tf.pad(F(['a']),[[1,1]])
tf.pad(F(['a']),[[1,1]],constant_values='z')
tf.slice(F(A(12.).reshape(3,4)),F([1,0]),F([-1,2])),tf.slice(F(['a','b','c']),[1],[2])
tf.slice(F(A(12.).reshape(3,4)),F([1,0]),F([3,2]))
tf.slice(F(A(12.).reshape(3,4)),F([4,0]),F([1,2]))
tf.slice(F(A(12.).reshape(3,4)),F([1]),F([1]))
tf.slice(F(A(12.).reshape(3,4)),F([1,0]),F([-2,2]))
F(A(12.).reshape(3,4))[1],F(A(12.).reshape(3,4))[::-1,1::2],F(A(12.).reshape(3,4))[...,-1],F(A(12.).reshape(3,4))[:,None,3:0:-2],F(['a','b'])[1:],F(['a','b'])[::-1]
F(A(12.).reshape(3,4))[F(1)],F(A(12.).reshape(3,4))[F(1):F(3),F(-1)],F(A(12.))[F(8):F(2):F(-3)]
F(A(12.).reshape(3,4))[3]
F(A(12.).reshape(3,4))[F(-4)]
F(A(12.).reshape(3,4))[1,2,3]
F(A(12.).reshape(3,4))[...,...]
F(A(12.).reshape(3,4))[::F(0)]
F(A(4.))[5:],F(A(4.))[-9:2],F(A(4.))[3:1],F(A(4.))[1:3:-1]
tf.strided_slice(F(A(12.).reshape(3,4)),F([0,1]),F([2,3]),F([1,1]),begin_mask=2,end_mask=1),tf.strided_slice(F(A(4.)),F([1]),F([9]))
tf.strided_slice(F(A(4.)),F([1]),F([9,2]))
tf.gather(F(A(6.).reshape(3,2)),F([2,0])),tf.gather(F(A(6.).reshape(3,2)),F([[1]]),axis=F(1)),tf.gather(F(['a','b']),F([1,1])),tf.gather(F(A(6)),F(2)),tf.gather(F(A(6.).reshape(3,2)),F([[1,0],[0,0],[1,1]]),batch_dims=1,axis=1),tf.gather(F([True,False]),[1])
tf.gather(F(A(6.).reshape(3,2)),F([3,0]))
tf.gather(F(A(6.).reshape(3,2)),F([[0],[-1]]))
tf.gather(F(A(6.).reshape(3,2)),F(7))
tf.gather(F(A(6.).reshape(3,2)),F([0]),axis=F(2))
tf.gather(F(['a','b']),F([4]))
tf.gather(F(np.zeros((0,2))),F(A(0,dtype=np.int32))),tf.gather(F(A(3,dtype=np.uint16)),[1]),tf.gather(F(np.array([1,2],np.float16)),[1])
tf.batch_gather(F(A(6.).reshape(3,2)),tf.ensure_shape(F([[1],[0],[1]]),[3,1]))
tf.gather_nd(F(A(6.).reshape(3,2)),F([[2,0],[1,1]])),tf.gather_nd(F(A(6.).reshape(3,2)),F([[2]])),tf.gather_nd(F(A(6.).reshape(3,2)),F([2,1])),tf.gather_nd(F(['a','b']),F([[1]]))
tf.gather_nd(F(A(6.).reshape(3,2)),F([[2,0],[1,2]]))
tf.gather_nd(F(A(6.).reshape(3,2)),F([[[2,0]],[[-1,0]]]))
tf.gather_nd(F(A(6.).reshape(3,2)),F([3]))
tf.gather_nd(F(A(6.).reshape(3,2)),F([[1,1,1]]))
tf.gather_nd(F(np.zeros((0,2))),F([[0,0]]))
tf.gather_nd(F(A(12.).reshape(3,2,2)),tf.ensure_shape(F([[1],[0],[1]]),[3,1]),batch_dims=1)
tf.scatter_nd(F([[1],[3],[1]]),F([1.,2,3]),F([5])),tf.scatter_nd(F([[1]]),F([[1,2]]),F([2,2])),tf.scatter_nd(F([[1],[1]]),F(['a','b']),F([3])),tf.scatter_nd(F([[1],[1]]),F([True,True]),F([3]))
tf.scatter_nd(F([[5]]),F([1.]),F([5]))
tf.scatter_nd(F([[1],[2]]),F([1.]),F([5]))
tf.scatter_nd(F([[1]]),F([1.]),F([0]))
tf.tensor_scatter_update(F([1.,2,3]),F([[1]]),F([9.])),tf.tensor_scatter_add(F([1.,2,3]),F([[1],[1]]),F([9.,1])),tf.tensor_scatter_sub(F([1,2,3]),F([[1],[1]]),F([9,1])),tf.tensor_scatter_update(F(['a','b']),F([[1]]),F(['z']))
tf.tensor_scatter_update(F([1.,2,3]),F([[3]]),F([9.]))
tf.where(F([[True,False],[True,True]])),tf.where(F([0.,1,np.nan])),tf.where(F([True,False]),F([1,2]),F([3,4])),tf.where(F(True))
tf.unique(F([3,1,3,2,1])),tf.unique_with_counts(F([3.,1,3])),tf.unique(F(['b','a','b'])),tf.unique(F([1,2]),out_idx=i64),tf.unique(F(A(0,dtype=np.int32)))
tf.unique(F([[3]]))
tf.setdiff1d(F([1,2,3,2]),F([2])),tf.setdiff1d(F(['a','b']),F(['a'])),tf.setdiff1d(F([1.,2]),F([2.]),index_dtype=i64)
tf.one_hot(F([0,2,-1,3]),F(3)),tf.one_hot(F([[0,2]]),3,axis=1,on_value=5,off_value=-1),tf.one_hot(F(1),3),tf.one_hot(F([0]),2,'y','n'),tf.one_hot(F([1],tf.uint8),2),tf.one_hot(F([0]),0)
tf.one_hot(F([0,2]),F(3),axis=4)
tf.one_hot(F([0,2]),F(-3))
tf.boolean_mask(F([[1,2],[3,4]])[:2],tf.ensure_shape(F([True,False]),[2])),tf.boolean_mask([[1,2],[3,4]],[[True,False],[False,True]]),tf.boolean_mask([[1,2],[3,4]],[True,False],axis=1)
tf.sequence_mask(F([1,3,2])),tf.sequence_mask(F([1,3]),F(4),dtype=i32)
tf.dynamic_partition(F(A(4.)),F([1,0,1,0]),2),tf.dynamic_partition(F([['a','b']]),F([1]),2)
tf.dynamic_partition(F(A(4.)),F([1,0,2,0]),2)
tf.dynamic_partition(F(A(4.)),F([1,0]),2)
tf.searchsorted(F([[1,3,5],[0,2,4]]),F([[3,0],[9,2]])),tf.searchsorted(F([1.,3,5]),F([3.]),side='right',out_type=i64)
tf.meshgrid(F([1,2]),F([3,4,5])),tf.meshgrid(F([1.,2]),F([3.]),indexing='ij')
tf.diag(F([1,2])),tf.diag_part(F([[1,2],[3,4]])),tf.matrix_diag(F([[1,2]])),tf.matrix_diag_part(F([[1,2,3],[3,4,5]])),tf.matrix_set_diag(F([[1,2],[3,4]]),F([7,8])),tf.matrix_band_part(F([[1,2,3],[3,4,5],[6,7,8]]),0,1),tf.eye(2,3,[2])
tf.diag_part(F([[1,2,3],[3,4,5]]))
tf.diag_part(F([1]))
tf.matrix_diag(F(1))
tf.matrix_diag_part(F([1]))
tf.matrix_set_diag(F([[1,2],[3,4]]),F([7]))
tf.matrix_band_part(F([[1,2,3],[3,4,5],[6,7,8]]),F(4),F(1))
tf.space_to_batch(F(A(16).reshape(1,4,4,1)),[[0,0],[0,0]],2),tf.batch_to_space(F(A(16).reshape(4,2,2,1)),[[0,1],[1,0]],2),tf.space_to_batch_nd(F(A(6).reshape(1,6)),F([3]),F([[1,2]])),tf.batch_to_space_nd(F(A(6).reshape(3,2)),[3],[[1,0]])
tf.space_to_batch_nd(F(A(5).reshape(1,5)),tf.ensure_shape(F([3]),[1]),F([[0,0]]))
tf.batch_to_space_nd(F(A(5).reshape(5,1)),tf.ensure_shape(F([3]),[1]),F([[0,0]]))
tf.batch_to_space_nd(F(A(6).reshape(6,1)),tf.ensure_shape(F([3]),[1]),F([[2,2]]))
tf.space_to_batch_nd(F(A(6).reshape(1,6)),tf.ensure_shape(F([0]),[1]),F([[0,0]]))
tf.space_to_batch_nd(F(A(6).reshape(1,6)),tf.ensure_shape(F([2]),[1]),F([[-1,0]]))
tf.space_to_depth(F(A(16).reshape(1,4,4,1)),2),tf.depth_to_space(F(A(16).reshape(1,2,2,4)),2)
tf.space_to_depth(F(A(12).reshape(1,3,4,1)),2)
tf.depth_to_space(F(A(12).reshape(1,2,2,3)),2)
tf.space_to_depth(F(A(12).reshape(3,4)),2)
tf.extract_image_patches(F(A(16.).reshape(1,4,4,1)),[1,2,2,1],[1,2,2,1],[1,1,1,1],'VALID'),tf.extract_image_patches(F(A(32.).reshape(1,4,4,2)),[1,3,3,1],[1,2,2,1],[1,2,1,1],'SAME'),tf.extract_volume_patches(F(A(27.).reshape(1,3,3,3,1)),[1,2,2,2,1],[1,1,2,1,1],'SAME')
tf.bitcast(F([1.,2]),tf.uint8),tf.bitcast(F([1.,2]),i32),tf.bitcast(F([[1,2,3,4]],tf.uint8),i32)
tf.bitcast(F([1,2,3],tf.uint8),i32)
tf.unravel_index(F([5,0]),F([2,3])),tf.unravel_index(F(5),F([2,3]))
tf.parallel_stack([[1,2],[3,4]]),tf.guarantee_const(F([1]))
tf.reverse_sequence(F([[1,2,3],[4,5,6]]),F([2,3]),1,0)
[tf.repeat([[1,2],[3,4]],[1,2],axis=0),tf.repeat([1,2],3),tf.repeat(['a','b'],[2,0])]
""".strip().split("\n")


class _Inputs:
    """The names that expressions use, for one graph."""

    def __init__(self, tf):
        self.tf = tf
        self.feeds = {}
        self.x = None

    def placeholder(self, dtype, shape=None):
        return self.tf.placeholder(dtype, shape)

    def fed(self, value, dtype=None):
        array = np.array(value)
        if array.dtype == np.float64:
            array = array.astype(np.float32)
        if array.dtype == np.int64:
            array = array.astype(np.int32)
        if array.dtype.kind in "SU":
            array = array.astype(object)
            made = self.tf.placeholder(self.tf.string)
        else:
            if dtype is not None:
                array = array.astype(dtype.as_numpy_dtype)
            made = self.tf.placeholder(self.tf.as_dtype(array.dtype))
        self.feeds[made] = array
        return made

    def __call__(self, shape):
        made = self.tf.placeholder(self.tf.float32, list(shape))
        if self.x is None:
            self.x = made
        return made


def _names(tf, inputs):
    return {
        "tf": tf,
        "np": np,
        "A": np.arange,
        "P": inputs.placeholder,
        "F": inputs.fed,
        "X": inputs,
        "f32": tf.float32,
        "f64": tf.float64,
        "i32": tf.int32,
        "i64": tf.int64,
    }


def _message(error):
    text = getattr(error, "message", None) or str(error)
    return text.split("\n")[0]


def _described(value):
    if isinstance(value, (list, tuple)):
        return [_described(v) for v in value]
    if hasattr(value, "dtype") and hasattr(value, "op"):
        if hasattr(value, "indices"):
            return ["slices", _described(value.values), _described(value.indices)]
        return [value.name, str(value.shape), value.dtype.name]
    return str(value)


def nodes(tf, expression):
    """What an expression builds: its result described, and every node with its inputs; or the error alone."""
    graph = tf.Graph()
    inputs = _Inputs(tf)
    with graph.as_default():
        try:
            made = _described(eval(expression, _names(tf, inputs)))
        except Exception as error:
            return {"error": [type(error).__name__, _message(error)]}
    return {
        "result": made,
        "nodes": [[o.name, o.type, [t.name for t in o.inputs]] for o in graph.get_operations()],
    }


def _plain(value):
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if hasattr(value, "values") and hasattr(value, "indices"):
        return ["slices", _plain(value.values), _plain(value.indices)]
    array = np.asarray(value)
    if array.dtype.kind in "fc":
        return [str(array.dtype), list(array.shape), repr(np.round(array, 4).tolist())]
    return [str(array.dtype), list(array.shape), repr(array.tolist())]


def values(tf, expression):
    """What an expression gives in a session, or the class and first line of its error."""
    inputs = _Inputs(tf)
    with tf.Graph().as_default():
        try:
            made = eval(expression, _names(tf, inputs))
            with tf.Session() as session:
                return _plain(session.run(made, inputs.feeds))
        except Exception as error:
            return [type(error).__name__, _message(error)]
