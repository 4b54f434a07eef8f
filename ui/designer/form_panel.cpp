// SPDX-License-Identifier: GPL-3.0-or-later
#include "designer/form_panel.h"

#include "designer/design_view.h"
#include "designer/form_delegate.h"
#include "models/read.h"
#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QHeaderView>
#include <QInputDialog>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QStackedLayout>
#include <QToolButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int iconSize = 26;
constexpr int problemsMargin = 24;
constexpr int labelWidthMin = 104; ///< Of the first column.
constexpr int labelWidthMax = 164;
constexpr int depthOpen = 2; ///< Rows of this depth are open at first, where something is set in them.

QLabel* quietLabel(QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setWordWrap(true);
    label->setForegroundRole(QPalette::PlaceholderText);
    label->setTextFormat(Qt::PlainText);
    return label;
}

int depthOf(const QTreeWidgetItem* item)
{
    int depth = 0;
    for (auto* above = item->parent(); above; above = above->parent())
        ++depth;
    return depth;
}

} // namespace

FormPanel::FormPanel(DesignModel& model, QWidget* parent)
    : QWidget(parent),
      m_model(model),
      m_icon(new QLabel(this)),
      m_title(new QLabel(this)),
      m_subtitle(quietLabel(this)),
      m_problems(quietLabel(this)),
      m_empty(quietLabel(this)),
      m_full(new QToolButton(this)),
      m_filter(new QLineEdit(this)),
      m_tree(new QTreeWidget(this)),
      m_help(quietLabel(this))
{
    setUpWidgets();
    buildForm();
    connectParts();
    refresh();
}

void FormPanel::setUpWidgets()
{
    auto font = m_title->font();
    font.setBold(true);
    font.setPointSizeF(font.pointSizeF() * 1.1);
    m_title->setFont(font);
    m_title->setTextFormat(Qt::PlainText);
    m_icon->setFixedWidth(iconSize + 4);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_full->setObjectName(QStringLiteral("allFields"));
    m_full->setText(tr("All fields"));
    m_full->setCheckable(true);
    m_full->setAutoRaise(true);
    m_full->setToolTip(tr("Show every field that the schema knows"));
    m_filter->setPlaceholderText(tr("Find a field"));
    m_filter->setClearButtonEnabled(true);
    m_tree->setColumnCount(3);
    m_tree->setHeaderHidden(true);
    m_tree->setFrameShape(QFrame::NoFrame);
    m_tree->setIndentation(14);
    m_tree->setUniformRowHeights(true);
    m_tree->setAlternatingRowColors(false);
    m_tree->setItemDelegate(new FormDelegate(m_tree));
    m_tree->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed |
                            QAbstractItemView::AnyKeyPressed | QAbstractItemView::SelectedClicked);
    m_tree->setAccessibleName(tr("Fields"));
    m_tree->header()->setStretchLastSection(false);
    m_tree->header()->setSectionResizeMode(0, QHeaderView::Interactive);
    m_tree->header()->setSectionResizeMode(1, QHeaderView::Stretch);
    m_tree->header()->setSectionResizeMode(2, QHeaderView::Fixed);
    m_tree->header()->resizeSection(0, labelWidthMax);
    m_tree->header()->resizeSection(2, 28);
    m_tree->installEventFilter(this);
}

void FormPanel::buildForm()
{
    m_form = new QWidget(this);
    auto* column = new QVBoxLayout(m_form);
    column->setContentsMargins(12, 8, 6, 8);
    column->setSpacing(6);
    auto* head = new QHBoxLayout;
    head->addWidget(m_icon);
    auto* words = new QVBoxLayout;
    words->setSpacing(0);
    words->addWidget(m_title);
    words->addWidget(m_subtitle);
    head->addLayout(words, 1);
    column->addLayout(head);
    column->addWidget(m_problems);
    auto* tools = new QHBoxLayout;
    tools->addWidget(m_filter, 1);
    tools->addWidget(m_full);
    column->addLayout(tools);
    column->addWidget(m_tree, 1);
    m_help->setMinimumHeight(m_help->fontMetrics().height() * 3);
    m_help->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    column->addWidget(m_help);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setContentsMargins(24, 24, 24, 24);
    m_stack = new QStackedLayout(this);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_form);
}

void FormPanel::connectParts()
{
    connect(&m_model, &DesignModel::changed, this, &FormPanel::refresh);
    connect(m_full, &QToolButton::toggled, this,
            [this](bool isOn) { setLevel(isOn ? design::FormLevel::Full : design::FormLevel::Basic); });
    connect(m_filter, &QLineEdit::textChanged, this, &FormPanel::refresh);
    connect(m_tree, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem* item) { showHelp(item); });
    connect(m_tree, &QTreeWidget::itemChanged, this, [this](QTreeWidgetItem* item, int part) {
        if (!m_isSyncing && part == 1)
            enter(item, item->text(1));
    });
    connect(m_tree, &QTreeWidget::itemClicked, this, [this](QTreeWidgetItem* item, int part) {
        const auto* row = part == 2 ? rowOf(item) : nullptr;
        if (row && FormDelegate::buttonOf(*row) == FormDelegate::Button::Add)
            add(item);
        else if (row && FormDelegate::buttonOf(*row) == FormDelegate::Button::TakeOut)
            takeOut(item);
    });
    connect(m_tree, &QTreeWidget::itemExpanded, this, [this](QTreeWidgetItem* item) {
        if (const auto* row = m_isSyncing ? nullptr : rowOf(item)) {
            m_closed.erase(document::pathText(row->path));
            m_opened.insert(document::pathText(row->path));
            QMetaObject::invokeMethod(this, &FormPanel::refresh, Qt::QueuedConnection);
        }
    });
    connect(m_tree, &QTreeWidget::itemCollapsed, this, [this](QTreeWidgetItem* item) {
        if (const auto* row = m_isSyncing ? nullptr : rowOf(item)) {
            m_opened.erase(document::pathText(row->path));
            m_closed.insert(document::pathText(row->path));
        }
    });
}

const design::FormRow* FormPanel::rowOf(const QTreeWidgetItem* item) const
{
    const auto found = m_rows.find(item);
    return found == m_rows.end() ? nullptr : &found->second;
}

void FormPanel::setCard(design::CardId card)
{
    if (m_card == card)
        return;
    m_card = card;
    m_isSyncing = true;
    m_tree->clear();
    m_rows.clear();
    m_isSyncing = false;
    say({}, false);
    refresh();
}

void FormPanel::setCount(int selected)
{
    m_count = selected;
    refresh();
}

void FormPanel::setProblems(const QStringList& problems)
{
    m_problems->setVisible(!problems.isEmpty());
    m_problems->setText(problems.join(QLatin1Char('\n')));
    auto palette = m_problems->palette();
    palette.setColor(QPalette::PlaceholderText, Theme::statusText(StatusRole::Error, palette.color(QPalette::Window)));
    m_problems->setPalette(palette);
    fitProblems();
}

/// A text of several lines in a stack gets the height that it needs.
void FormPanel::fitProblems()
{
    const int wide = std::max(120, width() - problemsMargin);
    m_problems->setFixedHeight(m_problems->text().isEmpty() ? 0 : m_problems->heightForWidth(wide));
}

void FormPanel::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fitProblems();
    m_tree->header()->resizeSection(0, std::clamp(width() * 9 / 20, labelWidthMin, labelWidthMax));
}

void FormPanel::setLevel(design::FormLevel level)
{
    m_level = level;
    m_full->setChecked(level == design::FormLevel::Full);
    refresh();
}

void FormPanel::refresh()
{
    const auto* card = m_model.find(m_card);
    const auto kinds = m_model.kinds();
    const auto* kind = card ? kinds.find(card->apiVersion, card->object.kind) : nullptr;
    if (!card || !kind) {
        m_empty->setText(m_count > 1 ? tr("%n cards are selected. Select one to edit its fields.", nullptr, m_count)
                         : !card
                             ? tr("Select a card to edit its fields.")
                             : tr("The schema of %1 is not known here: edit its text.").arg(toText(card->object.kind)));
        m_stack->setCurrentWidget(m_empty);
        return;
    }
    m_stack->setCurrentWidget(m_form);
    m_icon->setPixmap(iconPixmap(iconOfKind(card->object.kind), Theme::tokens().accent, iconSize, devicePixelRatioF()));
    m_title->setText(toText(card->object.name));
    m_title->setToolTip(toText(card->object.name));
    m_subtitle->setText(card->namespaced ? tr("%1 in %2").arg(toText(card->object.kind), toText(card->object.nameSpace))
                                         : toText(card->object.kind));
    m_tree->setEnabled(card->isEditable());
    m_isSyncing = true;
    sync(m_tree->invisibleRootItem(), design::formRows(*kind, card->value, {}, m_level));
    m_isSyncing = false;
    narrow();
    showHelp(m_tree->currentItem());
}

/// Brings the items below `parent` to the rows; what stays, stays, with what is open and current in it.
void FormPanel::sync(QTreeWidgetItem* parent, const std::vector<design::FormRow>& rows)
{
    const auto* card = m_model.find(m_card);
    const auto kinds = m_model.kinds();
    const auto* kind = kinds.find(card->apiVersion, card->object.kind);
    for (int i = 0; i < static_cast<int>(rows.size()); ++i) {
        const auto& row = rows[static_cast<std::size_t>(i)];
        int there = i;
        while (there < parent->childCount() && m_rows[parent->child(there)].path != row.path)
            ++there;
        QTreeWidgetItem* item = nullptr;
        if (there < parent->childCount()) {
            for (; there > i; --there) {
                m_rows.erase(parent->child(i));
                delete parent->takeChild(i);
            }
            item = parent->child(i);
        } else {
            item = new QTreeWidgetItem;
            parent->insertChild(i, item);
        }
        fill(item, row);
        if (!row.hasRows())
            continue;
        const auto place = document::pathText(row.path);
        const bool isOpen =
            (row.isSet && depthOf(item) < depthOpen && !m_closed.contains(place)) || m_opened.contains(place);
        // A closed row is filled when it is opened or searched: the whole schema is endless.
        const bool isSearched = row.isSet && !m_filter->text().isEmpty();
        if (isOpen || item->isExpanded() || isSearched)
            sync(item, design::formRows(*kind, card->value, row.path, m_level));
        item->setChildIndicatorPolicy(row.isSet || row.input == design::FormInput::Group
                                          ? QTreeWidgetItem::ShowIndicator
                                          : QTreeWidgetItem::DontShowIndicator);
        item->setExpanded(isOpen);
    }
    while (parent->childCount() > static_cast<int>(rows.size())) {
        m_rows.erase(parent->child(parent->childCount() - 1));
        delete parent->takeChild(parent->childCount() - 1);
    }
}

void FormPanel::fill(QTreeWidgetItem* item, const design::FormRow& row)
{
    auto& known = m_rows[item];
    if (known == row && item->text(0) == toText(row.label))
        return;
    known = row;
    item->setText(0, toText(row.label));
    item->setText(1, row.input == design::FormInput::Lines
                         ? toText(row.text).section(QLatin1Char('\n'), 0, 0) + tr(" …")
                         : toText(row.text));
    item->setToolTip(0, toText(row.help));
    item->setData(0, FormDelegate::RequiredRole, row.isRequired);
    item->setData(1, FormDelegate::HintRole, toText(row.hint));
    QStringList choices;
    for (const auto& choice : row.choices)
        choices << toText(choice);
    item->setData(1, FormDelegate::ChoicesRole, choices);
    item->setData(0, FormDelegate::SetRole, row.isSet);
    item->setData(2, FormDelegate::ButtonRole, static_cast<int>(FormDelegate::buttonOf(row)));
    const bool isEdited = !row.hasRows() && row.input != design::FormInput::Lines;
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | (isEdited ? Qt::ItemIsEditable : Qt::NoItemFlags));
}

QTreeWidgetItem* FormPanel::itemOf(const std::string& path) const
{
    for (const auto& [item, row] : m_rows)
        if (document::pathText(row.path) == path)
            return const_cast<QTreeWidgetItem*>(
                item); // NOLINT(*-const-cast): the key of a map is const, the item is ours
    return nullptr;
}

QString FormPanel::message() const
{
    return m_message;
}

void FormPanel::carryOut(const Result<document::Edit>& edit, const QString& label)
{
    if (!edit) {
        if (edit.error().reason != Reason::NotFound)
            say(toText(edit.error().message), true);
        refresh();
        return;
    }
    const auto done = m_model.edit(m_card, {*edit}, label);
    say(done ? QString() : toText(done.error().message), !done);
    refresh();
}

void FormPanel::enter(QTreeWidgetItem* item, const QString& text)
{
    const auto* row = rowOf(item);
    if (!row || (row->isSet && toText(row->text) == text))
        return;
    const auto known = *row;    // the rows are made anew while it is carried out
    m_rows[item].text = "\x01"; // whatever becomes of it, the row is filled again
    carryOut(design::formEdit(known, text.toStdString()), tr("Change %1").arg(toText(known.label)));
}

void FormPanel::add(QTreeWidgetItem* item)
{
    const auto* row = rowOf(item);
    const auto* card = m_model.find(m_card);
    if (!row || !card)
        return;
    const auto known = *row;
    std::string key;
    if (known.input == design::FormInput::Map) {
        bool isGiven = false;
        key = QInputDialog::getText(this, tr("Add to %1").arg(toText(known.label)), tr("Key"), QLineEdit::Normal, {},
                                    &isGiven)
                  .toStdString();
        if (!isGiven)
            return;
    }
    m_opened.insert(document::pathText(known.path));
    m_closed.erase(document::pathText(known.path));
    carryOut(design::formAdd(known, card->value, key), tr("Add to %1").arg(toText(known.label)));
}

void FormPanel::takeOut(QTreeWidgetItem* item)
{
    if (const auto* row = rowOf(item); row && row->isSet) {
        const auto known = *row;
        carryOut(design::formRemove(known), tr("Take out %1").arg(toText(known.label)));
    }
}

void FormPanel::say(const QString& message, bool isError)
{
    m_message = message;
    auto palette = m_help->palette();
    palette.setColor(QPalette::PlaceholderText,
                     isError ? Theme::statusText(StatusRole::Error, palette.color(QPalette::Window))
                             : Theme::tokens().muted);
    m_help->setPalette(palette);
    m_help->setText(message);
}

void FormPanel::showHelp(const QTreeWidgetItem* item)
{
    const auto* row = item ? rowOf(item) : nullptr;
    if (!m_message.isEmpty() || !row) {
        if (!row && m_message.isEmpty())
            m_help->clear();
        return;
    }
    m_help->setText(toText(row->help) + (row->hint.empty() ? QString() : QLatin1Char('\n') + toText(row->hint)) +
                    (row->isRequired ? tr(", required") : QString()));
}

void FormPanel::find(const QString& words)
{
    m_filter->setText(words);
}

/// A row is shown when it, one above it or one below it has the words; what is found below a row opens it.
void FormPanel::narrow()
{
    const auto words = m_filter->text();
    m_isSyncing = true; // the user has opened nothing
    const std::function<bool(QTreeWidgetItem*, bool)> show = [&](QTreeWidgetItem* item, bool isAbove) {
        const bool isOwn = isAbove || item->text(0).contains(words, Qt::CaseInsensitive);
        bool isBelow = false;
        for (int i = 0; i < item->childCount(); ++i)
            isBelow = show(item->child(i), isOwn) || isBelow;
        item->setHidden(!isOwn && !isBelow);
        if (isBelow && !isOwn)
            item->setExpanded(true);
        return isOwn || isBelow;
    };
    for (int i = 0; i < m_tree->topLevelItemCount(); ++i)
        show(m_tree->topLevelItem(i), words.isEmpty());
    m_isSyncing = false;
}

bool FormPanel::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != m_tree || event->type() != QEvent::KeyPress || !m_tree->currentItem())
        return QWidget::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    const auto* row = rowOf(m_tree->currentItem());
    say({}, false);
    if (row && key->key() == Qt::Key_Insert)
        add(m_tree->currentItem());
    else if (row && key->key() == Qt::Key_Delete)
        takeOut(m_tree->currentItem());
    else if (row && (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) &&
             row->input == design::FormInput::Lines)
        emit textRequested(m_card, row->path);
    else if (row && (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) && !row->hasRows())
        m_tree->editItem(m_tree->currentItem(), 1);
    else
        return QWidget::eventFilter(watched, event);
    return true;
}

void FormPanel::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        refresh();
}

} // namespace keelson::ui
