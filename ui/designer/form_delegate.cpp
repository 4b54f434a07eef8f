// SPDX-License-Identifier: GPL-3.0-or-later
#include "designer/form_delegate.h"

#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPainter>

namespace keelson::ui {

namespace {

constexpr int rowHeight = 27;

} // namespace

FormDelegate::Button FormDelegate::buttonOf(const design::FormRow& row)
{
    if (row.input == design::FormInput::List || row.input == design::FormInput::Map)
        return Button::Add;
    if (row.input == design::FormInput::Group && !row.isSet)
        return Button::Add;
    return row.isSet && (row.isItem || !row.isRequired) && row.path.size() > 1 ? Button::TakeOut : Button::None;
}

QSize FormDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    return {QStyledItemDelegate::sizeHint(option, index).width(), rowHeight};
}

void FormDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto& tokens = Theme::tokens();
    const bool isSelected = option.state.testFlag(QStyle::State_Selected);
    painter->save();
    if (isSelected)
        painter->fillRect(option.rect, tokens.selection);
    else if (option.state.testFlag(QStyle::State_MouseOver))
        painter->fillRect(option.rect, tokens.hover);
    const bool isSet = index.siblingAtColumn(0).data(SetRole).toBool();
    const auto rect = option.rect.adjusted(4, 0, -4, 0);
    if (index.column() == 2) {
        const auto button = static_cast<Button>(index.data(ButtonRole).toInt());
        const bool isShown = button == Button::Add || isSelected || option.state.testFlag(QStyle::State_MouseOver);
        if (button != Button::None && isShown)
            paintIcon(*painter, QRectF(rect.center().x() - 6, rect.center().y() - 6, 13, 13),
                      button == Button::Add ? QStringLiteral("plus") : QStringLiteral("close"), tokens.muted);
        painter->restore();
        return;
    }
    auto text = index.data().toString();
    QColor color = isSet ? tokens.text : tokens.muted;
    auto font = option.font;
    if (index.column() == 0 && index.data(RequiredRole).toBool())
        text += QStringLiteral(" *");
    if (index.column() == 1 && text.isEmpty() && !isSet) {
        text = index.data(HintRole).toString();
        color = mixed(tokens.muted, tokens.surface, 0.25);
        font.setItalic(true);
    }
    painter->setFont(font);
    painter->setPen(color);
    painter->drawText(rect, Qt::AlignVCenter | Qt::AlignLeft,
                      QFontMetrics(font).elidedText(text, Qt::ElideRight, rect.width()));
    painter->restore();
}

QWidget* FormDelegate::createEditor(QWidget* parent, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    if (index.column() != 1)
        return nullptr;
    const auto choices = index.data(ChoicesRole).toStringList();
    if (choices.isEmpty())
        return QStyledItemDelegate::createEditor(parent, option, index);
    auto* box = new QComboBox(parent);
    if (!index.siblingAtColumn(0).data(RequiredRole).toBool())
        box->addItem({});
    box->addItems(choices);
    // A choice is made when it is made, not when the box loses the focus.
    connect(box, &QComboBox::activated, this, [this, box] {
        auto* self = const_cast<FormDelegate*>(this); // NOLINT(*-const-cast): Qt makes editors in const functions
        emit self->commitData(box);
        emit self->closeEditor(box);
    });
    return box;
}

void FormDelegate::setEditorData(QWidget* editor, const QModelIndex& index) const
{
    if (auto* box = qobject_cast<QComboBox*>(editor))
        box->setCurrentText(index.data().toString());
    else if (auto* line = qobject_cast<QLineEdit*>(editor))
        line->setText(index.data().toString());
}

void FormDelegate::setModelData(QWidget* editor, QAbstractItemModel* model, const QModelIndex& index) const
{
    if (auto* box = qobject_cast<QComboBox*>(editor))
        model->setData(index, box->currentText());
    else
        QStyledItemDelegate::setModelData(editor, model, index);
}

} // namespace keelson::ui
