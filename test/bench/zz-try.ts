import { Workload } from './operations/workload.ts';
import { DataType, MilvusClient, ConsistencyLevelEnum } from '@zilliz/milvus2-sdk-node';
const w = new Workload(1); const items = Array.from({length: 2000}, () => w.add());
const client = new MilvusClient({ address: process.env.SOMA_MILVUS_ADDRESS! });
for (const [idx, pk, np] of [['HNSW', true, 16], ['HNSW', true, undefined], ['HNSW', false, undefined],['AUTOINDEX', false, undefined]] as const) {
  const c = 'x' + idx + pk + np;
  await client.createCollection({ collection_name: c, consistency_level: 'Bounded', ...(np ? { num_partitions: np } : {}), fields: [
        { name: 'id', data_type: DataType.Int64, is_primary_key: true, autoID: true },
        { name: 'tenant', data_type: DataType.VarChar, max_length: 36, is_partition_key: pk },
        { name: 'vector', data_type: DataType.FloatVector, dim: 768 }]} as never);
  await client.createIndex({ collection_name: c, field_name: 'vector', index_type: idx, metric_type: 'IP', params: idx === 'HNSW' ? { M: 16, efConstruction: 200 } : {} });
  await client.loadCollectionSync({ collection_name: c });
  for (let s = 0; s < 2000; s += 500) await client.insert({ collection_name: c, data: items.slice(s, s + 500).map((i) => ({ tenant: 't', vector: [...i.vector] })) });
  for (const flushed of [false, true]) {
    if (flushed) { await client.flushSync({ collection_names: [c] }); await new Promise((r) => setTimeout(r, 3000)); }
    for (const level of [ConsistencyLevelEnum.Bounded, ConsistencyLevelEnum.Eventually, undefined]) {
      const ts: number[] = [];
      for (let i = 0; i < 20; i++) { const b = performance.now(); const r = await client.search({ collection_name: c, anns_field: 'vector', data: [...w.query().vector], filter: 'tenant == "t"', limit: 10, metric_type: 'IP', params: { ef: 64 }, ...(level === undefined ? {} : { consistency_level: level }) }); if (r.status.error_code !== 'Success') throw new Error(r.status.reason); ts.push(performance.now() - b); }
      ts.sort((a, b) => a - b); console.log(c, flushed, level, ts[10]!.toFixed(1), ts[18]!.toFixed(1));
    }
  }
  await client.dropCollection({ collection_name: c });
}
await client.closeConnection();
