//! The words that the demo's content is made of: invented, in Azerbaijani. Never anybody's data.

pub(super) const FIRST_NAMES: &[&str] = &[
    "Aynur",
    "Elçin",
    "Günel",
    "Kamran",
    "Ləman",
    "Murad",
    "Nigar",
    "Orxan",
    "Pərvin",
    "Rəşad",
    "Sevinc",
    "Tural",
    "Ülviyyə",
    "Vüqar",
    "Xəyal",
    "Zəhra",
    "Aysel",
    "Cavid",
    "Fidan",
    "İlqar",
];

pub(super) const LAST_NAMES: &[&str] = &[
    "Dağlı",
    "Çinarlı",
    "Narlı",
    "Qayalı",
    "Sulu",
    "Yaşıloğlu",
    "Buludlu",
    "Gəmiçi",
    "Almalı",
    "Küləkli",
    "Daşlı",
    "Arıçı",
    "Üzümlü",
    "Səhərli",
    "Yolçu",
    "Göllü",
];

pub(super) const CITIES: &[&str] = &[
    "Nümunəabad",
    "Yuxarı Çinar",
    "Aşağı Çinar",
    "Göykənd",
    "Ağbulaq",
    "Qızılqaya",
    "Günəşli Bağ",
    "Üçtəpə",
    "Armudlu",
    "Şimşəkli",
    "Xəzərkənd",
    "Sakitgöl",
    "Dumanlı",
    "Təzəyol",
];

pub(super) const SUBJECTS: &[&str] = &[
    "Azərbaycan dili",
    "Ədəbiyyat",
    "Riyaziyyat",
    "Cəbr",
    "Həndəsə",
    "Fizika",
    "Kimya",
    "Biologiya",
    "Coğrafiya",
    "Tarix",
    "İngilis dili",
    "Rus dili",
    "Fransız dili",
    "İnformatika",
    "Musiqi",
    "Təsviri incəsənət",
    "Texnologiya",
    "Fiziki tərbiyə",
    "Həyat bilgisi",
    "Məntiq",
    "Astronomiya",
    "İqtisadiyyat",
    "Fəlsəfə",
    "Çağırışaqədərki hazırlıq",
];

pub(super) const ROLES: &[&str] = &[
    "superadmin",
    "regionadmin",
    "regionoperator",
    "sektoradmin",
    "məktəbadmin",
    "müəllim",
    "şagird",
    "valideyn",
    "müşahidəçi",
    "təftişçi",
];

pub(super) const RESOURCES: &[&str] = &[
    "users",
    "institutions",
    "surveys",
    "students",
    "grades",
    "classes",
    "subjects",
    "timetables",
    "attendance",
    "documents",
    "tasks",
    "approvals",
    "links",
    "reports",
    "settings",
    "notifications",
    "budgets",
    "inventory",
];

pub(super) const DEEDS: &[&str] =
    &["view", "create", "update", "delete", "restore", "export", "import", "approve", "assign", "share", "archive", "audit"];

pub(super) const CLASSES: &[&str] =
    &["App\\Models\\User", "App\\Models\\Document", "App\\Models\\Task", "App\\Models\\Survey", "App\\Models\\Institution"];

pub(super) const TAGS: &[&str] = &[
    "hesabat",
    "Qiymət",
    "DAVAMİYYƏT",
    "büdcə",
    "təmir",
    "tədbir",
    "imtahan",
    "arayış",
    "toplantı",
    "layihə",
    "yoxlama",
    "kadr",
    "olimpiada",
    "kitabxana",
    "idman",
    "təcili",
];

pub(super) const NOUNS: &[&str] = &[
    "hesabat",
    "plan",
    "cədvəl",
    "tədbir",
    "layihə",
    "imtahan",
    "dərs",
    "iclas",
    "sifariş",
    "müraciət",
    "protokol",
    "təqvim",
    "siyahı",
    "arayış",
    "təqdimat",
    "yoxlama",
];

pub(super) const ADJECTIVES: &[&str] =
    &["aylıq", "illik", "yeni", "ümumi", "əlavə", "təcili", "ilkin", "yekun", "açıq", "daxili", "regional", "rüblük"];

pub(super) const WORDS: &[&str] = &[
    "məktəb",
    "müəllim",
    "sinif",
    "həftə",
    "nəticə",
    "qeyd",
    "sənəd",
    "göndərildi",
    "təsdiq",
    "olundu",
    "bu",
    "il",
    "üçün",
    "yenidən",
    "baxılmalıdır",
    "tarix",
    "son",
    "vaxt",
    "şagird",
    "valideyn",
    "otaq",
    "dəyişdi",
    "əlavə",
    "edildi",
    "xahiş",
    "cavab",
    "gözlənilir",
    "düzəliş",
    "lazımdır",
    "və",
    "ilə",
    "sabah",
    "artıq",
    "hazırdır",
];

pub(super) const SLUGS: &[&str] =
    &["hesabat", "davamiyyet", "qiymet", "bildiris", "limit", "rejim", "modul", "siyahi", "panel", "export", "sinxron", "arxiv"];

pub(super) const FILES: &[&str] = &["hesabat.pdf", "siyahi.xlsx", "plan.docx", "sekil.jpg", "protokol.pdf", "cedvel.csv"];

pub(super) const MIMES: &[&str] =
    &["application/pdf", "image/jpeg", "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"];

pub(super) const AGENTS: &[&str] = &[
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
    "NümunəMobil/3.2 (Android 14)",
];
