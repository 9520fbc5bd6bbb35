"""Words of names that say the same: abbreviations, spellings, and one trade or kind of organisation in many languages.

Plain words of the language, never brands. A word stands here only if it says the same wherever it is used: `ag` or
`as` do not, and neither does `res`, which shortens both research and resources.
"""

from __future__ import annotations

from typing import Final

# One group ends at each semicolon; its first word stands for all of them.
_SPELLINGS: Final = """
group grp groupe gruppe gruppo grupo gruppen konzern groep gruppa; holdings hldgs hldg hlds holding hldngs;
international intl internationale internazionale internacional internationaal internationales; services svcs svc;
manufacturing mfg manuf; management mgmt mgt mngmt; brothers bros; department dept departamento departement;
government govt; center centre centro centrum zentrum centar centr tsentr ctr merkezi kozpont keskus senter; labor
labour; organization organisation organizacion organizacao organizzazione organizatsiya orgn; program programme
programa programm; defense defence; theater theatre; saint st sankt sint; street str; technologies technology tech
technol tehnologii; systems system systeme sistemas sistemi; industries industry industria industrias industrie;
products product prods; resources resource; solutions solution; communications communication; pharmaceuticals
pharmaceutical; investments investment invest; properties property; financial finl finance finanz; development;
engineering engrg engr; mining mng
"""
_ORGANISATIONS: Final = """
university universite universitat universitaet universidad universidade universita univ universitas uniwersytet
universitet universitetet univerzitet univerzita universiteit yliopisto egyetem universiti universitate universitatea
universitesi daxue daigaku daehakgyo daehakkyo unibertsitatea universitaria universitario sveuciliste univerza ulikool
universitates universitetas; institute institut instituto istituto inst instytut institutt institutet instituut
institutul intezet instituttet enstitusu ustav inshtytut institutu institutions institution; hospital hopital
hospitalier krankenhaus ospedale ziekenhuis sygehus sykehus sjukhus szpital hospitals hastanesi nemocnice bolnica
byoin byeongwon korhaz spital hospitalar hospitaller yiyuan klinikum; clinic clinica klinik clinique kliniken klinika
clinics; national nacional nationale nazionale natl nationales nationaal narodowy natsionalnyi nasional nacionalni
narodni natsionalnyy nationala nazional ulusal guoli kokuritsu; academy academie akademie academia accademia akademia
akademiya akademi akademija; foundation fondation fundacion fundacao fondazione stiftung stichting stiftelsen fundacja
fundacio stiftelse fonden saatio vakfi nadace nadacia fond; association asociacion associacao associazione assn assoc
verband vereinigung asociatia asociacija associacio forening foreningen forbund; society societe sociedad sociedade
gesellschaft societa towarzystwo; research recherche recherches investigacion pesquisa ricerca forschung forschungs
badania onderzoek forskning investigaciones pesquisas investigacio ricerche forsknings kutatasi kutato; science
sciences ciencias ciencia scienze wissenschaften wissenschaft nauk nauki vetenskap wetenschappen scientific
scientifique cientifico cientifica; school schule ecole escuela escola scuola szkola skole skola schools; college
colegio collegio kolledzh colleges; museum musee museo museu muzeum muzej muzeul museet muzey museums muzeja; library
bibliothek bibliotheque biblioteca bibliotek biblioteka bibliotheek knihovna biblioteket; faculty faculte facultad
faculdade fakultat facolta fakultet; ministry ministere ministerio ministerium ministero ministerie ministerstvo
ministerstwo; federal federale bundes federalnyi; state statale estatal staatliche gosudarstvennyi gosudarstvennaya
estadual etat panstwowy; regional regionale; central centrale zentrale centraal; medical medicale medico medica
medizinische medizinischen medicina medicine medizin medicin meditsinskii; health sante salud saude gesundheit salute
sanidad zdrowia zdravi; technical technische technique tecnica tecnico techniczna technicka tehnicka teknik tekniska
tekniske; polytechnic polytechnique politecnico politecnica politechnika polytechnical politecnic; applied appliquee
appliquees aplicada aplicadas angewandte applicata; agricultural agriculture agricole agricola landwirtschaft agraria
agrarnyi agronomique agronomica; culture cultura kultur culturel cultural; art arts arte artes kunst; fund fonds fondo
fundo; observatory observatoire observatorio osservatorio observatorium; laboratory laboratoire laboratorio lab
laboratories laboratorium labs laboratoires laboratorios; agency agence agencia agenzia agentur agentschap; council
conseil consejo conselho consiglio; office oficina bureau ufficio; bank banco banque banca banka bk bancorp; energy
energia energie energi; royal royale koninklijke kon kongelige kungliga; european europeen europeenne europaische
europeo europea europaisches
"""
# Places, where names of organisations have them in several languages.
_PLACES: Final = """
france francaise francais french francesa; germany deutschland deutsche deutsches deutscher german allemagne; spain
espana espanola espanol spanish; italy italia italiana italiano italian; brazil brasil brasileira brasileiro; poland
polska polski polskie polish; norway norge norsk norske norwegian; sweden sverige svenska swedish; denmark danmark
dansk danske danish; finland suomen suomi finnish; netherlands nederland nederlandse dutch; switzerland suisse schweiz
schweizerische svizzera swiss; austria osterreich osterreichische austrian; japan japanese; china chinese zhongguo;
korea korean hanguk; russia russian rossiiskaya rossiya; turkey turkiye turk turkish; mexico mexicano mexicana;
portugal portuguesa portugues; czech ceska cesky; munich munchen; vienna wien; cologne koln; rome roma; milan milano;
turin torino; naples napoli; venice venezia; florence firenze; genoa genova; prague praha; warsaw warszawa; lisbon
lisboa; seville sevilla; geneva geneve genf; zurich zuerich; brussels bruxelles brussel; antwerp antwerpen; ghent gent
gand; copenhagen kobenhavn; gothenburg goteborg; moscow moskva; kiev kyiv; athens athina; bucharest bucuresti;
belgrade beograd; krakow cracow; catalonia catalunya cataluna; bavaria bayern; lyon lyons; strasbourg strassburg;
hanover hannover; nuremberg nurnberg
"""
_ROMAN: Final = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11"}

# Words that join others and say nothing themselves.
_JOINING: Final = (
    "of the for and de la le les des du d l di del della dei delle der die das dem den und fur fuer et e y i en in at"
    " to on do da dos van von voor och og ja al el a an los las lo zu zur im am per"
)
# What a company adds to its own name or leaves out of it. Not trades (energy, pharmaceuticals): those tell the parts
# of a group apart, and neither do foundation, research or hospital stand here.
_OPTIONAL: Final = (
    "group holdings international technologies therapeutics software systems industries worldwide global solutions"
    " enterprises products biosciences biotherapeutics biopharma brands class shares"
    " company co corporation corp incorporated inc limited ltd plc ag sa se nv ab as spa bv onlus"
)


def _groups(*texts: str) -> list[list[str]]:
    return [group.split() for text in texts for group in text.split(";")]


SYNONYMS: Final[dict[str, str]] = {
    word: group[0] for group in _groups(_SPELLINGS, _ORGANISATIONS, _PLACES) for word in group
} | _ROMAN
# What an organisation does or is, as opposed to what it is called or where it is.
KINDS: Final = frozenset(group[0] for group in _groups(_SPELLINGS, _ORGANISATIONS))
JOINING: Final = frozenset(_JOINING.split())
OPTIONAL: Final = frozenset(_OPTIONAL.split())
