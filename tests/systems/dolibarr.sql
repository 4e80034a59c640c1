CREATE TABLE llx_societe (rowid int PRIMARY KEY, nom text, client int, fournisseur int, parent int, fk_pays int,
  email text, phone text, zip text, town text, tva_intra text,
  status int);
CREATE TABLE llx_socpeople (rowid int PRIMARY KEY, fk_soc int, firstname text, lastname text, email text, statut int);
CREATE TABLE llx_facture (rowid int PRIMARY KEY, ref text, fk_soc int, fk_statut int, datef text);
CREATE TABLE llx_categorie (rowid int PRIMARY KEY, label text);
CREATE TABLE llx_categorie_societe (fk_categorie int, fk_soc int);
CREATE TABLE llx_c_country (rowid int PRIMARY KEY, label text);
INSERT INTO llx_c_country VALUES (5, 'Germany');
INSERT INTO llx_categorie VALUES (1, 'Fair'), (2, 'Newsletter');
INSERT INTO llx_categorie_societe VALUES (1, 1), (2, 1);
INSERT INTO llx_societe VALUES (1, 'Alpha Bau GmbH', 2, 0, NULL, 5, NULL, NULL, NULL, NULL, NULL, 1),
  (2, 'Beta Glas AG', 1, 0, 0, 5, NULL, NULL, NULL, NULL, NULL, 1),
  (3, 'Delta Stahl', 0, 1, 99, 5, NULL, NULL, NULL, NULL, NULL, 1);
INSERT INTO llx_socpeople VALUES (1, 1, 'Ann', 'Muster', 'ann@alpha.example', 1);
INSERT INTO llx_facture VALUES (1, 'FA1', 2, 2, '2026-02-01'), (2, 'FA2', 1, 0, '2026-02-01');
