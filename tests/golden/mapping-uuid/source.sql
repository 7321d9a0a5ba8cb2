-- As text of one form, or as sixteen bytes; a UUID without a letter is of either case.
create table tokens(
    id uuid primary key, upper guid, bare uniqueidentifier, bytes uuid, with_nil uuid, two_forms uuid, short_bytes uuid, declared_text text);
insert into tokens values
    ('0c1d2e3f-4a5b-6c7d-8e9f-a0b1c2d3e4f5', '0C1D2E3F-4A5B-6C7D-8E9F-A0B1C2D3E4F5', '0c1d2e3f4a5b6c7d8e9fa0b1c2d3e4f5',
     x'0c1d2e3f4a5b6c7d8e9fa0b1c2d3e4f5', '00000000-0000-0000-0000-000000000000', '0c1d2e3f-4a5b-6c7d-8e9f-a0b1c2d3e4f5',
     x'0c1d2e3f4a5b6c7d8e9fa0b1c2d3e4f5', '0c1d2e3f-4a5b-6c7d-8e9f-a0b1c2d3e4f5'),
    ('1c1d2e3f-4a5b-6c7d-8e9f-a0b1c2d3e4f5', '1C1D2E3F-4A5B-6C7D-8E9F-A0B1C2D3E4F5', '1c1d2e3f4a5b6c7d8e9fa0b1c2d3e4f5',
     x'1c1d2e3f4a5b6c7d8e9fa0b1c2d3e4f5', '1c1d2e3f-4a5b-6c7d-8e9f-a0b1c2d3e4f5', '1C1D2E3F4A5B6C7D8E9FA0B1C2D3E4F5',
     x'00', '1c1d2e3f-4a5b-6c7d-8e9f-a0b1c2d3e4f5');
