CREATE TABLE llx_societe_extrafields (fk_object int, branche text);
CREATE TABLE llx_categorie (rowid int PRIMARY KEY, label text);
CREATE TABLE llx_categorie_societe (fk_categorie int, fk_soc int);
CREATE TABLE llx_user (rowid int PRIMARY KEY, login text);
CREATE TABLE llx_societe_commerciaux (fk_user int, fk_soc int);
CREATE TABLE llx_mailing_unsubscribe (email text, unsubscribegroup text);
CREATE TABLE llx_societe (rowid int PRIMARY KEY, email text, fk_pays int, fk_departement int, tms text, parent int,
  nom text, name_alias text, phone text, phone_mobile text, url text, address text, zip text, town text,
  tva_intra text, siren text, siret text, fournisseur int, client int, status int);
CREATE TABLE llx_c_country (rowid int PRIMARY KEY, label text);
CREATE TABLE llx_c_departements (rowid int PRIMARY KEY, nom text);
CREATE TABLE llx_socpeople_extrafields (fk_object int, hobby text);
CREATE TABLE llx_socpeople (rowid int PRIMARY KEY, email text, fk_pays int, tms text, fk_soc int, firstname text,
  lastname text, phone text, phone_mobile text, phone_perso text, address text, zip text, town text, statut int);
CREATE TABLE llx_actioncomm (id int PRIMARY KEY, datep text, fk_soc int, fk_contact int, label text, note text);
CREATE TABLE llx_propal (rowid int PRIMARY KEY, datep text, fk_soc int, ref text);
CREATE TABLE llx_commande (rowid int PRIMARY KEY, date_commande text, fk_soc int, ref text, fk_statut int);
CREATE TABLE llx_facture (rowid int PRIMARY KEY, datef text, fk_soc int, ref text, fk_statut int);
CREATE TABLE llx_contrat (rowid int PRIMARY KEY, date_contrat text, fk_soc int, ref text);
CREATE TABLE llx_ticket (rowid int PRIMARY KEY, datec text, fk_soc int, ref text, subject text);
CREATE TABLE llx_fichinter (rowid int PRIMARY KEY, datec text, fk_soc int, ref text, description text);

INSERT INTO llx_c_country VALUES (5, 'Germany');
INSERT INTO llx_user VALUES (1, 'maria');
INSERT INTO llx_categorie VALUES (1, 'Fair'), (2, 'Newsletter');
INSERT INTO llx_categorie_societe (fk_categorie, fk_soc) VALUES (1, 1), (2, 1);
INSERT INTO llx_societe_commerciaux (fk_user, fk_soc) VALUES (1, 1);
INSERT INTO llx_societe (rowid, nom, client, fournisseur, parent, fk_pays, email, status) VALUES
  (1, 'Alpha Bau GmbH', 2, 0, NULL, 5, 'info@alpha.example', 1), (2, 'Beta Glas AG', 1, 0, 0, 5, NULL, 1),
  (3, 'Delta Stahl', 0, 1, 99, 5, NULL, 1), (4, 'Epsilon Textil AG', 3, 0, NULL, 5, NULL, 1);
INSERT INTO llx_societe_extrafields VALUES (1, 'construction');
INSERT INTO llx_socpeople (rowid, fk_soc, firstname, lastname, email, statut) VALUES
  (1, 1, 'Ann', 'Muster', 'ann@alpha.example', 1);
INSERT INTO llx_mailing_unsubscribe (email, unsubscribegroup) VALUES ('info@alpha.example', 'all');
INSERT INTO llx_facture (rowid, ref, fk_soc, fk_statut, datef) VALUES (1, 'FA1', 2, 2, '2026-02-01'),
  (2, 'FA2', 1, 0, '2026-02-01');
INSERT INTO llx_commande (rowid, ref, fk_soc, fk_statut, date_commande) VALUES (1, 'CO1', 1, -1, '2026-02-01'),
  (2, 'CO2', 4, 3, '2025-02-01');
INSERT INTO llx_actioncomm (id, fk_soc, fk_contact, datep, label) VALUES
  (1, 1, 1, '2024-05-01 10:00:00', 'asked for a price'),
  (2, 0, 0, '2024-05-01 10:00:00', 'staff meeting');
