import { tenantId, TenantScope } from '@soma/core';
import { TenantTexts } from './tenant-texts.js';

const scopeOf = (n: number) => TenantScope.of(tenantId(`0190aaaa-0000-7000-8000-00000000000${n}`));
const [ours, theirs] = [scopeOf(1), scopeOf(2)];

describe(TenantTexts, () => {
  it("drops a tenant's texts and keeps another's", () => {
    const sut = new TenantTexts();
    sut.of(ours).read('a secret of ours');
    sut.of(theirs).read('theirs');
    expect([sut.size(ours.tenantId), sut.size(theirs.tenantId)]).toEqual([1, 1]);
    sut.drop(ours.tenantId);
    expect([sut.size(ours.tenantId), sut.size(theirs.tenantId)]).toEqual([0, 1]);
    sut.dropAll();
    expect(sut.size(theirs.tenantId)).toBe(0);
  });

  it('drops the tenant that searched longest ago once all have too much', () => {
    const sut = new TenantTexts(3);
    for (const n of [1, 2, 3, 4]) sut.of(scopeOf(1)).read(`text ${n}`);
    sut.of(theirs).read('theirs');
    expect(sut.size(ours.tenantId)).toBe(0);
    expect(sut.size(theirs.tenantId)).toBe(1);
  });
});
