import { randomBytes } from 'node:crypto';
import { writeFileSync, appendFileSync } from 'node:fs';
import { FlatVectorIndex, MilvusVectorIndex, type VectorIndex } from '@soma/vector-index';
import { parseFilter } from '@soma/filter';
import { aScope, anEntry, attributesWith } from '../contract/vector-index.corpus.js';
const D = 768; const out=(l: string)=>appendFileSync('/tmp/vi/bench.out', l+'\n');
const rv=()=>{const v=Float32Array.from({length:D},()=>Math.random()+Math.random()+Math.random()-1.5);const n=Math.hypot(...v);return v.map(x=>x/n)};
const pct=(a:number[],p:number)=>{const s=[...a].sort((x,y)=>x-y);return s[Math.min(s.length-1,Math.floor(p*s.length))]!.toFixed(1)};
const prefix='test_'+randomBytes(4).toString('hex');
it('bench', async () => {
  writeFileSync('/tmp/vi/bench.out','');
  const N=+(process.env.N??20000);
  const entries=Array.from({length:N},(_, i)=>anEntry({vector:rv(),model:'bench',attributes:attributesWith({tier:i%4,metadata:{n:i%100,s:'v'+i%10},tags:['t'+i%50]})}));
  const filter=parseFilter({'metadata.n':{lt:10},tier:{ne:3}});
  const scope=aScope();
  const flat=new FlatVectorIndex();
  const subjects: [string, VectorIndex][]=[['flat',flat],['flat-js',new FlatVectorIndex(undefined,{engine:undefined})],['milvus-2.3.5',new MilvusVectorIndex({address:'127.0.0.1:21500',collectionPrefix:prefix,searchTimeoutMs:10000,writeTimeoutMs:60000})]];
  if(process.env.LITE) subjects.push(['lite',new MilvusVectorIndex({address:'127.0.0.1:29531',collectionPrefix:prefix,searchTimeoutMs:60000,writeTimeoutMs:60000})]);
  for (const [name,sut] of subjects) {
    const n = name==='lite'? 2000: N;
    let t=performance.now(); const lat:number[]=[];
    await sut.insert(scope,[entries[0]!]); out(`${name} first insert (setup) ${(performance.now()-t).toFixed(0)}ms`);
    t=performance.now();
    for(let i=0;i<n;i+=256){const t0=performance.now();await sut.insert(scope,entries.slice(i,Math.min(n,i+256)));lat.push(performance.now()-t0);}
    const s=(performance.now()-t)/1000; out(`${name} insert ${n} in 256s: ${s.toFixed(1)}s ${(n/s).toFixed(0)}/s batch p50 ${pct(lat,.5)} p95 ${pct(lat,.95)}ms`);
    const one:number[]=[]; for(let i=0;i<20;i++){const e=anEntry({vector:rv(),model:'bench'});const t0=performance.now();await sut.insert(scope,[e]);one.push(performance.now()-t0);await sut.remove(scope,'bench',[e.entryId]);}
    out(`${name} insert 1: p50 ${pct(one,.5)} p95 ${pct(one,.95)}ms`);
    await new Promise(r=>setTimeout(r,name.startsWith('flat')?0:4000));
    for (const [label,f] of [['plain',undefined],['filtered',filter]] as const) {
      const l:number[]=[]; let hit=0; const q=name==='lite'?10:100; const k=10;
      for(let i=0;i<q;i++){const v=rv();const t0=performance.now();const h=await sut.search(scope,{namespace:'default',model:'bench',vector:v,topK:k,filter:f});l.push(performance.now()-t0);
        if(n===N){const ref=new Set((await flat.search(scope,{namespace:'default',model:'bench',vector:v,topK:k,filter:f})).map(x=>x.entryId));hit+=h.filter(x=>ref.has(x.entryId)).length/k;}}
      out(`${name} search ${label} k=10 n=${n}: p50 ${pct(l,.5)} p95 ${pct(l,.95)} p99 ${pct(l,.99)}ms recall ${(hit/q).toFixed(3)}`);
    }
    const t1=performance.now(); const vs=Array.from({length:160},rv); for(let i=0;i<160;i+=16) await Promise.all(vs.slice(i,i+16).map(v=>name==='lite'?null:sut.search(scope,{namespace:'default',model:'bench',vector:v,topK:10})));
    out(`${name} 16 at once: ${(160/((performance.now()-t1)/1000)).toFixed(0)} searches/s`);
    const t2=performance.now(); out(`${name} count ${await sut.count(scope,{namespace:'default',model:'bench'})} in ${(performance.now()-t2).toFixed(0)}ms`);
    const t3=performance.now(); await sut.remove(scope,'bench',entries.slice(0,1000).map(e=>e.entryId)); out(`${name} remove 1000 in ${(performance.now()-t3).toFixed(0)}ms`);
    await sut.insert(scope,entries.slice(0,1000));
  }
  for (const [,sut] of subjects) await sut.close();
}, 580000);
